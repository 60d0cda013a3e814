// A mechanism towards the upstream server: one message out, and one answer to its failure challenge.
import type { AccessToken } from "../../secret/secret.ts";

/** What a message is made of. `host` and `port` are the ones that were really connected to (RFC 7628 §3.1). */
export interface BearerCredentials {
  readonly user: string;
  readonly accessToken: AccessToken;
  readonly host: string;
  readonly port: number;
}

export interface BearerMechanism {
  readonly name: "XOAUTH2" | "OAUTHBEARER";
  /**
   * The client's only message, before base64.
   * @throws PosternError `access-token-unusable`, `internal` for a user name that the mechanism cannot carry.
   */
  format(credentials: BearerCredentials): Buffer;
  /** What ends the exchange after the server's failure challenge, as the line to send (base64, may be empty). */
  readonly failureReply: string;
}

/** What the person chose for an account: by capability, or one mechanism whatever the server announces. */
export type MechanismChoice = "auto" | "xoauth2" | "oauthbearer";
