// A provider that exists in tests only: small, complete, and of the form of a real preset.
import type { OAuthPreset } from "../../src/provider/preset.ts";

/** At accounts.example.test, imap.example.test and smtp.example.test. */
export function createOAuthPreset(
  changes: {
    readonly oauth?: Partial<OAuthPreset["oauth"]>;
    readonly mail?: Partial<OAuthPreset["mail"]>;
    readonly preset?: Partial<OAuthPreset>;
  } = {},
): OAuthPreset {
  return {
    id: "example",
    name: "Example Mail",
    kind: "oauth",
    match: { domains: ["example.test"], mx: [] },
    oauth: {
      issuer: "https://accounts.example.test",
      endpoints: {
        authorization: "https://accounts.example.test/authorize",
        token: "https://accounts.example.test/token",
      },
      discovery: "openid",
      scopes: {
        imap: ["mail.imap"],
        pop3: [],
        smtp: ["mail.smtp"],
        offline: ["offline_access"],
        identity: ["openid"],
      },
      scopeSeparator: " ",
      pkce: "accepted",
      clientSecret: "none",
      redirect: { uri: "http://127.0.0.1/callback", port: "any" },
      authorizationParameters: {},
      device: { flow: "none", verificationHosts: [] },
      ...changes.oauth,
    },
    mail: {
      imap: {
        host: "imap.example.test",
        port: 993,
        tls: "implicit",
        accepts: ["oauth"],
        userName: "address",
      },
      smtp: {
        host: "smtp.example.test",
        port: 587,
        tls: "starttls",
        accepts: ["oauth"],
        userName: "address",
      },
      mechanism: "auto",
      ...changes.mail,
    },
    appPassword: { offered: "no", note: "There are none." },
    quirks: {},
    errors: [],
    registration: {
      how: "self-service",
      text: "You register a program.",
      shortWay: "Use an app password.",
      steps: [
        {
          id: "app",
          title: "Register",
          text: "Press New.",
          copy: [{ label: "Redirect URI", value: "REDIRECT-URI" }],
        },
        { id: "publish", title: "Publish", text: "Press Publish.", check: { kind: "published" } },
        {
          id: "client-id",
          title: "Copy the client id",
          text: "It stands there.",
          check: { kind: "client-id-shape", pattern: "^c-[0-9]+$" },
        },
        { id: "look", title: "Look", text: "Postern looks.", check: { kind: "authorize-endpoint-accepts" } },
        { id: "sign-in", title: "Sign in", text: "Sign in.", check: { kind: "signs-in" } },
      ],
    },
    facts: {},
    unknown: [],
    ...changes.preset,
  };
}
