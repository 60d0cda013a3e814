// What signing in at one authorization server takes: RFC 6749 §2 registration, RFC 8414 metadata or its place.
import type { AccessToken, ClientSecret, RefreshToken } from "../../secret/secret.ts";

export interface OAuthClientSettings {
  /** The authorization server's issuer identifier (RFC 8414 §2), an https URL. */
  readonly issuer: string;
  /** Given where the server publishes no metadata; both or none. */
  readonly endpoints: { readonly authorization: string; readonly token: string } | undefined;
  readonly clientId: string;
  readonly clientSecret: ClientSecret | undefined;
  /** Space-separated (RFC 6749 §3.3). */
  readonly scope: string;
  /** The registered path of the loopback redirect URI. */
  readonly redirectPath: string;
}

/** What a token endpoint gave, in our own words. */
export interface IssuedTokens {
  readonly accessToken: AccessToken;
  /** Seconds; 3600 where the server does not say. */
  readonly lifetime: number;
  readonly refreshToken: RefreshToken | undefined;
  /** Who signed in, as the id_token says: an address. Undefined where it does not say. */
  readonly identity: string | undefined;
}
