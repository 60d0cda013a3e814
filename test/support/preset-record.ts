// How a row of the recorded table of providers is written down: what is asked there, what is answered, what goes over the
// wires. Invariant: rows are literal texts from facts/providers.md and from the sources that they name; nothing in them is
// computed by the code under test.

/**
 * In texts that Postern says, braces stand for what varies from one attempt to the next ({state}, {port}), and ^A for the
 * octet 1 that ends a SASL field.
 */
export interface OAuthRecord {
  readonly id: string;
  /** Where the words of the servers below are from. What no source gives is marked as assumed. */
  readonly source: string;
  readonly email: string;
  readonly clientId: string;
  /** Given where the provider demands one, and then the row has one. */
  readonly secretRule: "none" | "required" | "optional";
  readonly clientSecret?: string;
  readonly issuer: string;
  /** By URL, for servers that are the person's own: where the addresses are found. Without it the preset has them. */
  readonly metadata?: Readonly<Record<string, Json>>;
  readonly authorization: string;
  readonly scope: string;
  readonly redirectUri: string;
  /** Parameters of the authorization request beyond RFC 6749, RFC 7636 and the login hint. */
  readonly parameters: Readonly<Record<string, string>>;
  /** What the redirect has beside code and state. */
  readonly redirectExtras: Readonly<Record<string, string>>;
  readonly token: string;
  /** The answers of the token endpoint, but for id_tokens. */
  readonly issued: Json;
  readonly renewed: Json;
  /** Claims of the id_token, beside `aud`, `iat`, `exp`, `sub` and the request's nonce. */
  readonly idToken?: Json;
  /** What Postern makes of them. */
  readonly understood: {
    readonly lifetime: number;
    readonly identity: string | undefined;
    /** The refresh tokens that a renewal hands over to be kept. */
    readonly kept: readonly string[];
  };
  readonly revocation?: string;
  readonly device: DeviceRecord;
  readonly imap: ImapRecord;
  readonly smtp: SmtpRecord;
}

export type Json = Readonly<Record<string, unknown>>;

export type DeviceRecord =
  | { readonly flow: "none" }
  /** The endpoint is there and refuses the scope for mail. */
  | { readonly flow: "not-for-mail"; readonly endpoint: string; readonly refusal: Json }
  | {
      readonly flow: "offered";
      readonly endpoint: string;
      readonly answer: Json;
      /** Where the person is sent. */
      readonly page: string;
      readonly pageWithCode?: string;
      /** In the form that asks for the code, beside client and scope. */
      readonly begins?: Readonly<Record<string, string>>;
      /** The form that asks for the tokens, but for the client's own fields. */
      readonly asks: Readonly<Record<string, string>>;
    };

interface ServerRecord {
  /** HOST:PORT */
  readonly place: string;
  readonly accepts: readonly ("oauth" | "app-password" | "password")[];
  readonly greeting: string;
  /** Mechanisms that it takes without announcing them. */
  readonly takesSilently?: readonly string[];
  /** Before the refusal, where the server says why. */
  readonly challenge?: string;
  /** What Postern says, line for line, up to the login; {message} is the SASL message in base64. */
  readonly says: readonly string[];
  /** The SASL message itself, {token} the access token. */
  readonly message: string;
  /** What Postern answers the challenge with. */
  readonly failureReply?: string;
  /** A part of what a person is told of a refused token. */
  readonly told: string;
}

export interface ImapRecord extends ServerRecord {
  /** The answer to CAPABILITY. */
  readonly capability: string;
  /** What AUTHENTICATE ends with, line for line; {tag} is its tag. */
  readonly success: readonly string[];
  readonly refusal: string;
}

export interface SmtpRecord extends ServerRecord {
  readonly tls: "implicit" | "starttls";
  /** The lines of the reply to EHLO, without the code; inside TLS. */
  readonly ehlo: readonly string[];
  /** The same before STARTTLS. */
  readonly ehloInClear?: readonly string[];
  readonly success: string;
  readonly refusal: string;
}

/** A provider that takes passwords only. */
export interface PasswordRecord {
  readonly id: string;
  readonly source: string;
  readonly email: string;
  readonly password: string;
  readonly imap: Omit<ImapRecord, "challenge" | "failureReply" | "told">;
  readonly smtp: Omit<SmtpRecord, "challenge" | "failureReply" | "told">;
}

/** Of a token that no server takes. */
export const DEAD_TOKEN = "a-token-that-is-over";
