// What a person knows of a mailbox already, and what was found out about it. The second has the shape of the control
// contract's discoverySchema.
import type { MailServer, OAuthAccount } from "../account/account.ts";

/** What a person knows already. */
export interface DiscoveryRequest {
  readonly email: string;
  readonly imap?: MailServer | undefined;
  readonly smtp?: MailServer | undefined;
  readonly issuer?: string | undefined;
  /** The id of a preset that is to be taken in place of the one that would be recognised. */
  readonly provider?: string | undefined;
}

/** What told which built-in provider it is. Only "domain" is no hint of somebody else's. */
export type RecognisedBy = "domain" | "mx" | "autoconfig" | "servers";

/**
 * The SASL user name: the mailbox's address, what stands before its @, what the sign-in calls `preferred_username`, or a
 * name that is known.
 */
export type UserNameRule = "address" | "local-part" | "preferred_username" | { name: string };

export type Accepted = "oauth" | "app-password" | "password";

export type AppPassword =
  | {
      offered: "yes" | "with-two-step";
      name: string;
      page?: string | undefined;
      note?: string | undefined;
    }
  | { offered: "no"; note: string };

export interface Discovery {
  /** "password": the provider takes only passwords, or app passwords. */
  readonly kind: "oauth" | "password";
  /** The id of the preset that everything here comes from. */
  readonly provider?: string | undefined;
  /** The preset's name, or what a published configuration calls the provider. */
  readonly providerName?: string | undefined;
  readonly recognisedBy?: RecognisedBy | undefined;
  /** As given, the preset's, or found and verified. */
  readonly imap?: MailServer | undefined;
  readonly smtp?: MailServer | undefined;
  readonly userName: { imap: UserNameRule; smtp: UserNameRule };
  /** What the mail servers take: both of a preset's, else what is said of IMAP. Absent where nobody says. */
  readonly accepts?: Accepted[] | undefined;
  readonly mechanism: "auto" | "xoauth2" | "oauthbearer";
  /** The preset's, or verified (RFC 8414 §3.3). */
  readonly issuer?: string | undefined;
  /** The preset's. */
  readonly endpoints?: OAuthAccount["endpoints"];
  /** As the authorization request carries it: joined by `scopeSeparator`. */
  readonly scope?: string | undefined;
  readonly scopeSeparator: " " | ",";
  readonly redirectUri: string;
  readonly clientSecret: "none" | "required" | "optional";
  /** Beyond RFC 6749, in the authorization request. */
  readonly authorizationParameters: Record<string, string>;
  /** Where a person may be sent to type a device code, besides the hosts of the endpoints. */
  readonly verificationHosts: string[];
  /** RFC 7591. */
  readonly registersClients: boolean;
  readonly appPassword?: AppPassword | undefined;
  /** Another program that is the way to the mailbox. */
  readonly instead?: { name: string; text: string; page: string } | undefined;
  /** What a person should know before they begin, in sentences. */
  readonly quirks: string[];
  /** Each step in words, with the host that was asked. */
  readonly trail: string[];
}

/** All of it but how it was found. */
export type Finding = Omit<Discovery, "trail">;

/** Where nothing else is known of a provider: a loopback address with any free port (RFC 8252 §7.3). */
export const UNKNOWN_PROVIDER = {
  mechanism: "auto",
  scopeSeparator: " ",
  redirectUri: "http://127.0.0.1/callback",
} as const satisfies Partial<Discovery>;
