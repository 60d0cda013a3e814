// Tells a sign-in page from an error page, by what the authorization endpoint answers to a browser. Pure. Invariant: what is
// said to have failed was said by the server itself, in a form that only errors have; doubts are "unclear".
import { printable } from "../errors/printable.ts";
import { isPassingStatus } from "../oauth/client/explain-server-error.ts";
import { type CheckOutcome, type ClientOnTrial, failed, passed, unclear } from "./client-check.ts";
import { explainRefusal, type Refusal } from "./refusal.ts";

export interface AuthorizationAnswer {
  readonly status: number;
  /** The Location header. */
  readonly location: string | undefined;
  readonly body: string;
}

/**
 * @param asked the address that was asked
 * @param redirectUri as it was sent, with its port
 */
export function readAuthorizationAnswer(
  answer: AuthorizationAnswer,
  client: ClientOnTrial,
  asked: string,
  redirectUri: string,
): CheckOutcome {
  const { status, location, body } = answer;
  const { host } = new URL(asked);
  if (status >= 300 && status < 400 && location !== undefined) {
    return readRedirect(location, client, asked, redirectUri);
  }
  if (isPassingStatus(status)) return unclear(`${host} does not work at the moment (status ${status}).`);
  const refusal = refusalInJson(body) ?? refusalInPage(body);
  if (refusal !== undefined) return explainRefusal({ ...refusal, status }, client);
  if (status === 200) {
    return passed(`${host} shows a page, and no error that Postern knows.`);
  }
  const title = titleOf(body);
  const shown = `${host} answers with status ${status}${title === undefined ? "" : `: ${title}`}`;
  // 403 is also what robots are told.
  return status === 400 || status === 401 || status === 404
    ? failed(`${shown}.`, "Compare client id, redirect address and permissions with what you registered.")
    : unclear(`${shown}.`);
}

function readRedirect(
  location: string,
  client: ClientOnTrial,
  asked: string,
  redirectUri: string,
): CheckOutcome {
  if (!URL.canParse(location, asked)) return unclear("It redirects to something that is no address.");
  const target = new URL(location, asked);
  if (isSamePlace(target, new URL(redirectUri))) return readReturn(target, client);
  const refusal = refusalInAddress(target);
  if (refusal !== undefined) return explainRefusal(refusal, client);
  if (target.protocol !== "https:") return unclear(`It redirects to ${printable(target.origin, 200)}.`);
  return passed(`The sign-in page is at ${target.host}.`);
}

/** OpenID Connect Core §3.1.2.6: the client is fine, a person is missing. */
const WANTS_A_PERSON = new Set([
  "interaction_required",
  "login_required",
  "account_selection_required",
  "consent_required",
]);

/** Straight back to us (RFC 6749 §4.1.2): the redirect address is registered, whatever else is said. */
function readReturn(target: URL, client: ClientOnTrial): CheckOutcome {
  const error = target.searchParams.get("error");
  if (error === null || WANTS_A_PERSON.has(error)) {
    return passed("It takes the client id and the redirect address.");
  }
  return explainRefusal(
    { error, description: target.searchParams.get("error_description") ?? undefined },
    client,
  );
}

function isSamePlace(left: URL, right: URL): boolean {
  return left.origin === right.origin && left.pathname === right.pathname;
}

/** RFC 6749 §5.2's characters, as few as real errors have. */
const ERROR_WORD = /^[a-z][a-z_]{2,60}$/;

/** An error page that says so in its address. */
function refusalInAddress(target: URL): Refusal | undefined {
  const packed = target.searchParams.get("authError");
  if (packed !== null) return unpackGoogle(packed);
  const error = target.searchParams.get("error");
  if (error !== null && ERROR_WORD.test(error)) {
    return { error, description: target.searchParams.get("error_description") ?? undefined };
  }
  return /\/error(?:\/|$)/.test(target.pathname) ? { error: "error page" } : undefined;
}

/**
 * Google's error page carries a protocol buffer in base64: field 1 is the error, field 2 a sentence. Seen in public reports:
 * `Cg5pbnZhbGlkX2NsaWVudBIf…` is invalid_client, "The OAuth client was not found."
 */
function unpackGoogle(packed: string): Refusal {
  const octets = Buffer.from(packed, "base64url");
  const error = fieldAt(octets, 0, 0x0a);
  const description = error === undefined ? undefined : fieldAt(octets, 2 + error.length, 0x12);
  return error !== undefined && ERROR_WORD.test(error)
    ? { error, description: description === undefined ? undefined : printable(description, 300) }
    : { error: "error page" };
}

/** A length-delimited field whose length fits one octet. */
function fieldAt(octets: Buffer, offset: number, tag: number): string | undefined {
  const length = octets[offset + 1];
  if (octets[offset] !== tag || length === undefined || length > 127) return undefined;
  const text = octets.subarray(offset + 2, offset + 2 + length);
  return text.length === length ? text.toString("utf8") : undefined;
}

function refusalInJson(body: string): Refusal | undefined {
  try {
    const json: unknown = JSON.parse(body);
    if (typeof json !== "object" || json === null || !("error" in json)) return undefined;
    const { error } = json;
    if (typeof error !== "string") return undefined;
    const description = "error_description" in json ? json.error_description : undefined;
    return { error, description: typeof description === "string" ? description : undefined };
  } catch {
    return undefined;
  }
}

/** Microsoft's "AADSTS700016: …" and Google's "Error 400: redirect_uri_mismatch" in a page. */
function refusalInPage(body: string): Refusal | undefined {
  const entra = /AADSTS\d{4,9}: [^"<\\\r\n]{1,300}/.exec(body)?.[0];
  if (entra !== undefined) return { error: "refused", description: entra };
  const google = /\bError \d{3}: ([a-z][a-z_]{2,60})\b/.exec(body)?.[1];
  return google === undefined ? undefined : { error: google };
}

function titleOf(body: string): string | undefined {
  const title = /<title[^>]{0,200}>([^<]{1,200})</i.exec(body)?.[1];
  return title === undefined || title.trim() === "" ? undefined : printable(title, 120);
}
