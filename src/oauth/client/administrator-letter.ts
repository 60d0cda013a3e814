// What a person can send to their administrator as it is: who asks, for what, and where it is allowed.
import { printable } from "../../errors/printable.ts";
import type { OAuthClientSettings } from "./settings.ts";

/** Microsoft's page on which an administrator allows an app for everybody, on the issuer's own host. */
export function formatConsentUrl({ issuer, clientId, scope, redirectUri }: OAuthClientSettings): string {
  const { origin, pathname } = new URL(issuer);
  const named = pathname.split("/")[1] ?? "";
  // Nobody in particular administers these.
  const tenant = ["", "common", "consumers"].includes(named) ? "organizations" : named;
  const url = new URL(`${origin}/${tenant}/v2.0/adminconsent`);
  url.search = new URLSearchParams({ client_id: clientId, scope, redirect_uri: redirectUri }).toString();
  return url.href;
}

/** What is asked of the administrator. */
export type Wish =
  | { readonly kind: "consent"; readonly consentUrl: string }
  | { readonly kind: "lift-block" }
  | { readonly kind: "trust-at-google" };

/** @param answer what the authorization server said */
export function formatLetter(wish: Wish, settings: OAuthClientSettings, answer: string): string {
  const fact = (name: string, value: string): string => `  ${name}: ${printable(value, 2048)}`;
  return [
    "Hello,",
    "",
    "I would like to use my mailbox in a mail program that cannot sign in with us by itself. Postern does that part: a",
    "small program on my own computer. I sign in on our usual page, in my own browser; Postern keeps the sign-in in the",
    "computer's keychain, and passes IMAP and SMTP on to our mail server over TLS. It never sees my password, and",
    "neither mail nor sign-in goes anywhere else.",
    "",
    ...wishes(wish),
    "",
    fact("Client id", settings.clientId),
    fact("Permissions (scope)", settings.scope),
    fact("Redirect address", settings.redirectUri),
    fact("Issuer", settings.issuer),
    fact("Last answer of the sign-in server", answer),
    "",
    "Thank you!",
  ].join("\n");
}

function wishes(wish: Wish): string[] {
  switch (wish.kind) {
    case "consent":
      return [
        "It needs an administrator's approval. Could you please have a look at it, and allow it on this page?",
        wish.consentUrl,
      ];
    case "lift-block":
      return [
        "A policy of ours (conditional access) blocks it at the moment. Could you please look up the sign-in by the ids",
        "below, and tell me what this app or my device would need, or make an exception for it?",
      ];
    case "trust-at-google":
      return [
        "Our Google Workspace does not let it read mail yet. Could you please trust its client id? That is in the Admin",
        "console under Security, Access and data control, API controls, Manage app access.",
      ];
  }
}
