// What Yahoo, AOL and AT&T share: one sign-in system, one permission, one way to a client id.
import type { PresetOAuth, RegistrationGuide } from "../preset.ts";
import { look, signIn } from "./registration-steps.ts";
import { words } from "./sources.ts";

/** AT&T's mail domains: kept by Yahoo, under AT&T's host names. */
export const ATT_DOMAINS = words(`
  att.net ameritech.net bellsouth.net currently.com flash.net nvbell.net pacbell.net prodigy.net sbcglobal.net
  snet.net swbell.net wans.net`);

/** One permission for everything. */
export const yahooScopes: PresetOAuth["scopes"] = {
  imap: ["mail-w"],
  pop3: ["mail-w"],
  smtp: ["mail-w"],
  offline: [],
  identity: [],
};

/** @param appPasswordPage where the short way begins */
export function yahooRegistration(appPasswordPage: string): RegistrationGuide {
  return {
    how: "by-request",
    text: "Client ids with the mail permission are given to companies only, after a review and a signed contract. These steps are for somebody who has been through that.",
    shortWay: `For everybody else: make an app password at ${appPasswordPage} and give it to Postern instead of signing in.`,
    steps: [
      {
        id: "access",
        title: "Ask for access to mail",
        text: "Fill in the form and name IMAP as the interface. The answer takes days to weeks.",
        url: "https://senders.yahooinc.com/developer/developer-access-mail-form/",
      },
      {
        id: "app",
        title: "Make the app",
        text: "Press 'Create an app'. Give the redirect address as it stands here, and choose the mail permission that the review has opened.",
        url: "https://developer.yahoo.com/apps/",
        copy: [{ label: "Redirect URI", value: "REDIRECT-URI" }],
      },
      {
        id: "client-id",
        title: "Copy the client id",
        text: "It is the long text under 'Client ID (Consumer Key)'. If there is a secret too, give it to Postern as well.",
        check: { kind: "client-id-shape", pattern: "^dj0yJmk9[A-Za-z0-9+/=_.-]{20,}$" },
      },
      look("See whether it is known"),
      signIn(
        "The browser ends at an address that begins with https://127.0.0.1/ and does not load. Copy that address into Postern.",
      ),
    ],
  };
}
