// An account: one mailbox at one provider, and how to sign in there. Nothing in it is secret.
import { domainToASCII } from "node:url";

export interface MailServer {
  readonly host: string;
  readonly port: number;
  readonly tls: "implicit" | "starttls";
}

interface Mailbox {
  /** Immutable; what tokens and passwords are kept under. */
  readonly id: string;
  /** The mailbox's address, as the person wrote it. */
  readonly email: string;
  /** The preset that the settings came from, for its texts; nothing else follows from it. */
  readonly provider?: string | undefined;
  readonly imap: MailServer;
  readonly smtp: MailServer;
  /** The SASL user names upstream, where the provider wants others than `upstreamUser` says. */
  readonly imapUser?: string | undefined;
  readonly smtpUser?: string | undefined;
  /** Besides the address, for devices that cannot type an `@`. */
  readonly localUser?: string | undefined;
}

/** Signed in to with OAuth. */
export interface OAuthAccount extends Mailbox {
  readonly kind: "oauth";
  /** Who signs in, where that is not the mailbox itself: the delegate of a shared mailbox. */
  readonly owner?: string | undefined;
  readonly issuer: string;
  readonly endpoints?:
    | {
        readonly authorization: string;
        readonly token: string;
        readonly deviceAuthorization?: string | undefined;
        readonly revocation?: string | undefined;
      }
    | undefined;
  readonly clientId: string;
  readonly hasClientSecret: boolean;
  readonly scope: string;
  /** As registered; without a port, any free one. */
  readonly redirectUri: string;
  /** Beyond RFC 6749, in the authorization request: `access_type` and the like. */
  readonly authorizationParameters?: Readonly<Record<string, string>> | undefined;
  /** Hosts where a person may be sent to type a device code, besides those of the endpoints. */
  readonly verificationHosts?: readonly string[] | undefined;
  readonly mechanism: "auto" | "xoauth2" | "oauthbearer";
  /** Whether `postern token` may hand out access tokens. */
  readonly tokenAccess: boolean;
}

/** Opened with a password: the provider's own, or one that it made for a program. */
export interface PasswordAccount extends Mailbox {
  readonly kind: "password";
}

/** One mailbox at one provider, and how to sign in there. Nothing in it is secret. */
export type Account = OAuthAccount | PasswordAccount;

/** Whose tokens the account uses. */
export function tokenOwner(account: Account): string {
  return account.kind === "oauth" ? (account.owner ?? account.email) : account.email;
}

/**
 * The SASL user name upstream. A delegate reads the shared mailbox under the mailbox's name, and sends under their own
 * (demands.md 8).
 */
export function upstreamUser(account: Account, protocol: "imap" | "smtp"): string {
  return protocol === "imap"
    ? (account.imapUser ?? account.email)
    : (account.smtpUser ?? tokenOwner(account));
}

/**
 * The form in which user names are compared: NFC, lower case, the domain in its ASCII form. Providers do not tell
 * addresses apart by case, and mail programs send what was typed.
 */
export function canonicalUserName(userName: string): string {
  const folded = userName.trim().normalize("NFC").toLowerCase();
  const at = folded.lastIndexOf("@");
  if (at < 0) return folded;
  const domain = folded.slice(at + 1);
  // domainToASCII reads a URL's host: it undoes %2e, and what follows a slash and the like would vanish.
  const ascii = /[%/?#\\:@[\]\s\p{Cc}]/u.test(domain) ? domain : domainToASCII(domain) || domain;
  return `${folded.slice(0, at)}@${ascii}`;
}

/**
 * Whether somebody who signed in under this address is who the account is for. A provider that does not say who signed
 * in is believed: the mail server will judge.
 */
export function isOwner(account: Account, identity: string | undefined): boolean {
  return identity === undefined || canonicalUserName(identity) === canonicalUserName(tokenOwner(account));
}
