// A value that must never be printed: tokens, passwords, client secrets.
// Invariant: only `reveal()` gives the text; printing, templating, inspecting or serialising gives a placeholder.
import { inspect } from "node:util";
import { isSameText } from "./same-text.ts";

const PLACEHOLDER = "[secret]";

/** Text of one kind that cannot be printed or serialised by accident. */
export class Secret<Kind extends string> {
  readonly #text: string;
  readonly kind: Kind;

  constructor(kind: Kind, text: string) {
    this.kind = kind;
    this.#text = text;
  }

  /** The text itself. Every call is a place to look at in a review. */
  reveal(): string {
    return this.#text;
  }

  /** Whether both hold the same text, in time that does not depend on where they differ. */
  equals(other: Secret<Kind>): boolean {
    return isSameText(this.#text, other.#text);
  }

  toString(): string {
    return PLACEHOLDER;
  }

  toJSON(): string {
    return PLACEHOLDER;
  }

  [inspect.custom](): string {
    return PLACEHOLDER;
  }
}

export type AccessToken = Secret<"access-token">;
export type RefreshToken = Secret<"refresh-token">;
export type ClientSecret = Secret<"client-secret">;
export type LocalPassword = Secret<"local-password">;
/** Of a mailbox at a provider that takes passwords: the provider's own, or one that it made for a program. */
export type UpstreamPassword = Secret<"upstream-password">;
export type ProxyPassword = Secret<"proxy-password">;

export const accessToken = (text: string): AccessToken => new Secret("access-token", text);
export const refreshToken = (text: string): RefreshToken => new Secret("refresh-token", text);
export const clientSecret = (text: string): ClientSecret => new Secret("client-secret", text);
export const localPassword = (text: string): LocalPassword => new Secret("local-password", text);
export const upstreamPassword = (text: string): UpstreamPassword => new Secret("upstream-password", text);
export const proxyPassword = (text: string): ProxyPassword => new Secret("proxy-password", text);
