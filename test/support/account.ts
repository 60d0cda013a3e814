// An account for tests: everything set, nothing reachable.
import type { OAuthAccount } from "../../src/account/account.ts";

export function createAccount(changes: Partial<OAuthAccount> = {}): OAuthAccount {
  return {
    kind: "oauth",
    id: "id",
    email: "alice@example.com",
    issuer: "https://issuer.example",
    clientId: "client",
    hasClientSecret: false,
    scope: "mail",
    redirectUri: "http://127.0.0.1/callback",
    imap: { host: "imap.example.com", port: 993, tls: "implicit" },
    smtp: { host: "smtp.example.com", port: 465, tls: "implicit" },
    mechanism: "auto",
    tokenAccess: false,
    ...changes,
  };
}
