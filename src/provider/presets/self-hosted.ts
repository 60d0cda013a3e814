// What presets for somebody's own server have in common: usual ports, a public client, the way to a client id.

import type { RegistrationGuide, SelfHostedPreset } from "../preset.ts";
import { look, signIn } from "./registration-steps.ts";

type UnnamedMail = SelfHostedPreset["mail"];
type UnnamedOAuth = SelfHostedPreset["oauth"];

/** RFC 8314: TLS from the start. */
export const usualMail: UnnamedMail = {
  imap: { port: 993, tls: "implicit", accepts: ["oauth", "password"], userName: "address" },
  pop3: { port: 995, tls: "implicit", accepts: ["oauth", "password"], userName: "address" },
  smtp: { port: 465, tls: "implicit", accepts: ["oauth", "password"], userName: "address" },
  mechanism: "auto",
};

/** A public client with PKCE at an OpenID provider; who signs in gets the mailbox. */
export const usualOAuth: UnnamedOAuth = {
  issuerExample: "https://login.example.org",
  discovery: "openid",
  scopes: { imap: [], pop3: [], smtp: [], offline: ["offline_access"], identity: ["openid", "email"] },
  scopeSeparator: " ",
  pkce: "accepted",
  clientSecret: "optional",
  redirect: { uri: "http://127.0.0.1/callback", port: "any" },
  authorizationParameters: {},
  device: { flow: "offered", verificationHosts: [] },
};

/** @param server what must be told to check tokens, in the person's own words */
export function openidRegistration(server: {
  readonly checkTokens: string;
  readonly url?: string;
}): RegistrationGuide {
  return {
    how: "own-server",
    text: "Whoever runs the OpenID provider makes one public client for Postern, for everybody.",
    steps: [
      {
        id: "client",
        title: "Make a public client",
        text: "At the OpenID provider (in Keycloak: Clients, Create client): type OpenID Connect, standard flow on, client authentication off, PKCE method S256. For machines without a browser, the device flow too.",
        copy: [{ label: "Valid redirect URI", value: "REDIRECT-URI" }],
      },
      {
        id: "scopes",
        title: "Allow the permissions",
        text: "The client needs these; offline_access keeps people signed in, email names the mailbox.",
        copy: [{ label: "Scopes", value: "SCOPES" }],
      },
      {
        id: "mail-server",
        title: "Let the mail server check tokens",
        text: server.checkTokens,
        ...(server.url === undefined ? {} : { url: server.url }),
      },
      look("See whether the provider knows it"),
      signIn(),
    ],
  };
}
