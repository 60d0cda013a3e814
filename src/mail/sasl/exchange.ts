// The server's side of a SASL exchange with a mail program (RFC 4422 §3), the same for every protocol.
// Invariant: ends with credentials or with a kind of failure; how that sounds is the protocol's business.
import { decodeBase64 } from "./base64.ts";
import { LOGIN_PASSWORD_PROMPT, LOGIN_USER_PROMPT, parseLogin } from "./login.ts";
import { type LocalCredentials, parsePlain } from "./plain.ts";

export type Exchange =
  | { readonly kind: "credentials"; readonly credentials: LocalCredentials }
  | { readonly kind: ExchangeFailure }
  /** The connection ended. */
  | { readonly kind: "end" };

export type ExchangeFailure =
  | "no-mechanism"
  | "unknown-mechanism"
  | "cancelled"
  | "invalid-base64"
  | "too-long"
  | "malformed"
  | "foreign-authzid";

/** Sends a prompt (base64, may be empty) and gives the line that answers it. */
export type Ask = (prompt: string) => Promise<AskedLine>;

export type AskedLine =
  | { readonly kind: "line"; readonly octets: Buffer }
  | { readonly kind: "too-long" | "flood" | "end" };

/**
 * @param initialResponse what stood in the command line behind the mechanism: undefined when nothing did, which is not
 *   the same as the zero-length response "=" (RFC 4959 §3, RFC 4954 §4)
 */
export async function readCredentials(
  mechanism: string,
  initialResponse: string | undefined,
  ask: Ask,
): Promise<Exchange> {
  let initial = initialResponse;
  const next = async (prompt: string): Promise<Buffer | Exchange> => {
    if (initial !== undefined) {
      const message = initial === "=" ? Buffer.alloc(0) : decodeBase64(initial);
      initial = undefined;
      return message ?? { kind: "invalid-base64" };
    }
    const line = await ask(prompt);
    if (line.kind === "too-long") return { kind: "too-long" };
    if (line.kind !== "line") return { kind: "end" };
    const text = line.octets.toString("latin1");
    if (text === "*") return { kind: "cancelled" };
    return decodeBase64(text) ?? { kind: "invalid-base64" };
  };

  switch (mechanism.toUpperCase()) {
    case "PLAIN": {
      const message = await next("");
      return Buffer.isBuffer(message) ? parsePlain(message) : message;
    }
    case "LOGIN": {
      const user = await next(LOGIN_USER_PROMPT);
      if (!Buffer.isBuffer(user)) return user;
      const password = await next(LOGIN_PASSWORD_PROMPT);
      if (!Buffer.isBuffer(password)) return password;
      return { kind: "credentials", credentials: parseLogin(user, password) };
    }
    case "":
      return { kind: "no-mechanism" };
    default:
      return { kind: "unknown-mechanism" };
  }
}
