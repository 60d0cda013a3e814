// PLAIN (RFC 4616), as a mail program sends it: [authzid] NUL authcid NUL password.
import { type LocalPassword, localPassword } from "../../secret/secret.ts";

/** What a mail program gave: a user name and a local password. */
export interface LocalCredentials {
  readonly authcid: string;
  readonly localPassword: LocalPassword;
}

export type PlainMessage =
  | { readonly kind: "credentials"; readonly credentials: LocalCredentials }
  | { readonly kind: "malformed" }
  /** It asks to act for somebody else, which nobody may here (RFC 4616 §2; threats.md F5). */
  | { readonly kind: "foreign-authzid" };

export function parsePlain(message: Buffer): PlainMessage {
  const [authzid, authcid, password, ...more] = message.toString("utf8").split("\0");
  if (authcid === undefined || authcid === "" || password === undefined || more.length > 0) {
    return { kind: "malformed" };
  }
  if (authzid !== "" && authzid !== authcid) return { kind: "foreign-authzid" };
  return { kind: "credentials", credentials: { authcid, localPassword: localPassword(password) } };
}
