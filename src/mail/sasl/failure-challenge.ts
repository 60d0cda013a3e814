// The JSON in which a server says why it refuses a token (RFC 7628 §3.2.2, and Google's older form).
// Invariant: nothing of the server's text survives but short words of known shape and one https URL (threats.md E2).
import { decodeBase64 } from "./base64.ts";

export interface FailureChallenge {
  /** `invalid_token`, `401` …; undefined when the challenge was not understood. */
  readonly status: string | undefined;
  /** The scope the server wants, where it says so. */
  readonly scope: string | undefined;
  /**
   * Where the authorization server's metadata is, as the mail server says: an https URL of at most 1,024 characters,
   * without user name and fragment. Not verified by anybody.
   */
  readonly openidConfiguration: string | undefined;
}

const LONGEST = 4096;
const LONGEST_URL = 1024;
const NOTHING: FailureChallenge = { status: undefined, scope: undefined, openidConfiguration: undefined };

/** Reads a challenge line's base64; whatever cannot be understood gives empty fields, never an error. */
export function parseFailureChallenge(base64: string): FailureChallenge {
  const octets = base64.length > LONGEST ? undefined : decodeBase64(base64);
  if (octets === undefined) return NOTHING;
  try {
    const json: unknown = JSON.parse(octets.toString("utf8"));
    if (typeof json !== "object" || json === null) return NOTHING;
    return {
      status: word("status" in json ? json.status : undefined, /^\w{1,40}$/),
      scope: word("scope" in json ? json.scope : undefined, /^[\x21-\x7e]+(?: [\x21-\x7e]+){0,19}$/),
      openidConfiguration: httpsUrl(
        "openid-configuration" in json ? json["openid-configuration"] : undefined,
      ),
    };
  } catch {
    return NOTHING;
  }
}

/** One sentence's part for the log: "status invalid_token, scope mail". */
export function formatFailureChallenge(challenge: FailureChallenge): string {
  const parts: string[] = [];
  if (challenge.status !== undefined) parts.push(`status ${challenge.status}`);
  if (challenge.scope !== undefined) parts.push(`scope ${challenge.scope}`);
  return parts.length === 0 ? "no reason given" : parts.join(", ");
}

function word(value: unknown, shape: RegExp): string | undefined {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && text.length <= 200 && shape.test(text) ? text : undefined;
}

function httpsUrl(value: unknown): string | undefined {
  if (typeof value !== "string" || value.length > LONGEST_URL || !/^[\x21-\x7e]+$/.test(value))
    return undefined;
  if (!URL.canParse(value)) return undefined;
  const { protocol, username, password, hash } = new URL(value);
  return protocol === "https:" && username === "" && password === "" && hash === "" ? value : undefined;
}
