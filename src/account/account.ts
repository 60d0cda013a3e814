// An account: one mailbox at one provider, and how to sign in there. Nothing in it is secret.
import { domainToASCII } from "node:url";

export interface MailServer {
  readonly host: string;
  readonly port: number;
  readonly tls: "implicit" | "starttls";
}

export interface Account {
  /** Immutable; what tokens and passwords are kept under. */
  readonly id: string;
  /** The address, as the person wrote it: also the SASL user upstream. */
  readonly email: string;
  readonly issuer: string;
  readonly endpoints?: { readonly authorization: string; readonly token: string } | undefined;
  readonly clientId: string;
  readonly hasClientSecret: boolean;
  readonly scope: string;
  readonly redirectPath: string;
  readonly imap: MailServer;
  readonly smtp: MailServer;
  readonly mechanism: "auto" | "xoauth2" | "oauthbearer";
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
  return `${folded.slice(0, at)}@${domainToASCII(domain) || domain}`;
}

/**
 * Whether somebody who signed in under this address is who the account is for. A provider that does not say who signed
 * in is believed: the mail server will judge.
 */
export function isOwner(account: Account, identity: string | undefined): boolean {
  return identity === undefined || canonicalUserName(identity) === canonicalUserName(account.email);
}
