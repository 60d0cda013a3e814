// What signing in at one authorization server takes: RFC 6749 §2 registration, RFC 8414 metadata or its place.
import type { AccessToken, ClientSecret, RefreshToken } from "../../secret/secret.ts";

export interface OAuthClientSettings {
  /** The authorization server's issuer identifier (RFC 8414 §2), an https URL. */
  readonly issuer: string;
  /** Given where the server publishes no metadata. */
  readonly endpoints:
    | {
        readonly authorization: string;
        readonly token: string;
        readonly deviceAuthorization?: string | undefined;
        readonly revocation?: string | undefined;
      }
    | undefined;
  readonly clientId: string;
  readonly clientSecret: ClientSecret | undefined;
  /** Space-separated (RFC 6749 §3.3). */
  readonly scope: string;
  /** As registered; without a port, any free one of the loopback interface (RFC 8252 §7.3). */
  readonly redirectUri: string;
  /** Beyond RFC 6749, in the authorization request: `access_type` and the like. */
  readonly authorizationParameters?: Readonly<Record<string, string>> | undefined;
  /** Hosts where a person may be sent to type a device code, besides those of the endpoints. */
  readonly verificationHosts?: readonly string[] | undefined;
  /** The only token endpoint that stored tokens may go to, once a person has signed in there (threats.md G1). */
  readonly trustedTokenEndpoint?: string | undefined;
}

/** What a token endpoint gave, in our own words. */
export interface IssuedTokens {
  readonly accessToken: AccessToken;
  /** Seconds; 3600 where the server does not say. */
  readonly lifetime: number;
  readonly refreshToken: RefreshToken | undefined;
  /** Space-separated; undefined where the server granted what was asked for (RFC 6749 §5.1). */
  readonly scope: string | undefined;
  /** Who signed in, as the id_token says: an address. Undefined where it does not say. */
  readonly identity: string | undefined;
  /** The id_token's `sub`, against which a userinfo answer is checked (OpenID Connect Core §5.3.2). */
  readonly subject: string | undefined;
  /** Where they came from. */
  readonly tokenEndpoint: string;
}

/** What became of the tokens of a sign-in: kept, or held back until a person agrees to who signed in. */
export type Acceptance = { readonly kind: "kept" } | { readonly kind: "asked"; readonly identity: string };

/** A sign-in that is under way. */
export interface SignInAttempt {
  /** How it ended. @throws PosternError `sign-in-…`, `authorization-server-…`, `oauth-client-refused` and what `accept` throws */
  readonly completed: Promise<Acceptance>;
  cancel(): void;
}

/** Judges the tokens and stores them. */
export type Accept = (tokens: IssuedTokens) => Promise<Acceptance>;
