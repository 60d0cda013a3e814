// Reads what a person pasted as the end of a sign-in: the redirect URL, its query, or the bare code (RFC 6749 §4.1.2).
// Invariant: a response that is not bare bears this attempt's `state`, and no other server's `iss` (RFC 9207); what is
// given on has exactly the redirect URI that was asked for.
import { isSameText } from "../../secret/same-text.ts";

export type PastedAnswer =
  | { readonly kind: "response"; readonly url: URL }
  /** `reason` is for the person, and has nothing of what was pasted but a host. */
  | { readonly kind: "unusable"; readonly reason: string };

export interface ExpectedAnswer {
  /** As it was sent in the authorization request. */
  readonly redirectUri: string;
  readonly state: string;
  /** The issuer identifier of the metadata. */
  readonly issuer: string;
  /** Whether the metadata promises `iss` in every response (RFC 9207 §3). */
  readonly issuerAlwaysSent: boolean;
}

/** Parameters of a response that may be there once (RFC 6749 §3.1). */
const ONCE = ["code", "state", "iss", "error"] as const;

/** An authorization code is a run of letters and digits that is longer than the words of a page's title. */
const LONGER_THAN_A_WORD = 16;

const unusable = (reason: string): PastedAnswer => ({ kind: "unusable", reason });

/** @param text as it came from a terminal or a text field, of a bounded length */
export function parsePastedAnswer(text: string, expected: ExpectedAnswer): PastedAnswer {
  const redirect = new URL(expected.redirectUri);
  const pasted = unwrap(joinLines(text));
  if (pasted === "") return unusable("nothing was pasted");

  const address = unescapeHtml(pasted.replace(/\s+/g, ""));
  // Browsers hide the scheme, and some leave it out of what is copied.
  const whole = address.startsWith(`${redirect.host}/`) ? `${redirect.protocol}//${address}` : address;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(whole)) {
    if (!URL.canParse(whole)) return unusable("it is not a whole address");
    const url = new URL(whole);
    return explainOtherAddress(url, redirect, expected) ?? readResponse(url.searchParams, expected);
  }
  const query = queryIn(address, redirect);
  if (query !== undefined) return readResponse(new URLSearchParams(query), expected);
  return readBareCode(pasted, redirect, expected);
}

/** Terminals and mail programs break long lines, and indent the rest. */
function joinLines(text: string): string {
  return text
    .replaceAll("\u200b", "")
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .join("");
}

const PAIRS: Readonly<Record<string, string>> = {
  "<": ">",
  '"': '"',
  "'": "'",
  "`": "`",
  "“": "”",
  "‘": "’",
  "(": ")",
};

function unwrap(text: string): string {
  let inner = text;
  for (;;) {
    const closing = PAIRS[inner.charAt(0)];
    if (closing === undefined || inner.length < 2 || !inner.endsWith(closing)) return inner;
    inner = inner.slice(1, -1).trim();
  }
}

/** No parameter of a response begins with "amp;", "#38;" or "#x26;". */
function unescapeHtml(text: string): string {
  return text.replace(/&(?:amp|#38|#x26);/gi, "&");
}

/** The query, where the text is one: alone, behind a question mark, or behind the redirect URI's path. */
function queryIn(text: string, redirect: URL): string | undefined {
  if (text.startsWith("?")) return text.slice(1);
  if (text.startsWith(`${redirect.pathname}?`)) return text.slice(redirect.pathname.length + 1);
  return /(?:^|&)(?:code|state|iss|error)=/.test(text) ? text : undefined;
}

/** What is wrong with an address that is not the redirect URI; undefined when it is. */
function explainOtherAddress(url: URL, redirect: URL, expected: ExpectedAnswer): PastedAnswer | undefined {
  const { searchParams } = url;
  if (searchParams.has("client_id") && searchParams.has("response_type")) {
    return unusable(
      `it is the address to open: open it in a browser, sign in, and paste the address that begins with ${expected.redirectUri}`,
    );
  }
  // The port too: the server sends the browser exactly where it was asked to, so another one is another sign-in's.
  if (url.origin === redirect.origin && url.pathname === redirect.pathname) return undefined;
  const where = `the address to paste begins with ${expected.redirectUri}`;
  return unusable(
    isSignInPage(url, expected.issuer)
      ? `it is a page of the sign-in itself (${url.hostname}): finish signing in, then ${where}`
      : `it is another address: ${where}`,
  );
}

const SIGN_IN_HOSTS = /(?:^|\.)(?:google\.com|microsoftonline\.(?:com|us|cn)|microsoft\.com|live\.com)$/;

function isSignInPage(url: URL, issuer: string): boolean {
  return url.hostname === new URL(issuer).hostname || SIGN_IN_HOSTS.test(url.hostname);
}

function readResponse(parameters: URLSearchParams, expected: ExpectedAnswer): PastedAnswer {
  if (ONCE.some((name) => parameters.getAll(name).length > 1)) {
    return unusable("it holds two answers in one: copy only the last address");
  }
  const state = parameters.get("state");
  if (state === null) return unusable("a part is missing (its state): copy the whole address");
  if (!isSameText(state, expected.state)) {
    return unusable("it belongs to another sign-in (its state differs): paste the answer of this one");
  }
  const issuer = parameters.get("iss");
  if (issuer === null && expected.issuerAlwaysSent) {
    return unusable("a part is missing (its iss): copy the whole address");
  }
  if (issuer !== null && issuer !== expected.issuer) {
    return unusable("it comes from another sign-in server (its iss differs)");
  }
  if (!parameters.get("code") && !parameters.get("error")) {
    return unusable("a part is missing (its code): copy the whole address, once you have signed in");
  }
  return { kind: "response", url: responseUrl(parameters, expected) };
}

/** A code says nothing about whose it is: that it is this attempt's, the code_verifier proves (RFC 7636 §1). */
function readBareCode(pasted: string, redirect: URL, expected: ExpectedAnswer): PastedAnswer {
  const words = pasted.split(/\s+/);
  if (words.length > 1) {
    return words.some((word) => word.length >= LONGER_THAN_A_WORD)
      ? unusable("a code has no spaces: copy it again, in one piece")
      : unusable("it looks like a page's title or text: what is wanted is the page's address");
  }
  if ([redirect.host, redirect.hostname, `${redirect.host}/`].includes(pasted)) {
    return unusable("it is only the beginning of the address: copy the whole of it");
  }
  if (!/^[\x21-\x7e]+$/.test(pasted)) return unusable("it has characters that no code has");
  if (isSameText(pasted, expected.state)) return unusable("it is the address's state, not its code");
  const parameters = new URLSearchParams({ code: decodeOnce(pasted), state: expected.state });
  if (expected.issuerAlwaysSent) parameters.set("iss", expected.issuer);
  return { kind: "response", url: responseUrl(parameters, expected) };
}

/** A code that was cut out of an address bar is still percent-encoded ("4%2F0AX…"). */
function decodeOnce(code: string): string {
  if (!/%[0-9a-f]{2}/i.test(code)) return code;
  try {
    return decodeURIComponent(code);
  } catch {
    return code;
  }
}

function responseUrl(parameters: URLSearchParams, expected: ExpectedAnswer): URL {
  const url = new URL(expected.redirectUri);
  url.search = parameters.toString();
  return url;
}
