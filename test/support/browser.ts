// A scripted browser for signing in: it keeps cookies, follows redirects and fills in forms, and knows no OAuth.
// Invariant: it only ever visits the authorization server's origin and, at the end, the redirect URI.
import type { TestAuthority } from "./authority.ts";
import { type Answer, request } from "./request.ts";

export interface SignInOptions {
  readonly email: string;
  readonly password: string;
  readonly authority: TestAuthority;
  /** What the person presses on the consent page; "allow" unless told otherwise. */
  readonly decision?: "allow" | "deny";
  /** The address typed instead of `email`: a person who picks another of their accounts, with the same password. */
  readonly otherIdentity?: string;
}

export interface RedirectAnswer {
  readonly status: number;
  readonly body: string;
  /** The redirect URI as it was visited, with the authorization response in its query. */
  readonly redirectUri: string;
}

const MAXIMUM_PAGES = 20;

/** Signs in and visits the redirect URI; gives the answer of whoever listens there. */
export async function signInWithBrowser(
  authorizationUrl: string,
  options: SignInOptions,
): Promise<RedirectAnswer> {
  const redirectUri = await authorizationResponseFor(authorizationUrl, options);
  const { status, body } = await request(redirectUri);
  return { status, body, redirectUri };
}

/**
 * Walks through login and consent and gives the final redirect URL without visiting it.
 * Throws with the page's text when the server shows an error page, or refuses the password.
 */
export async function authorizationResponseFor(
  authorizationUrl: string,
  options: SignInOptions,
): Promise<string> {
  const { redirect } = await walk(authorizationUrl, options);
  if (redirect === undefined) throw new Error("the sign-in ended at a page, not at the program");
  return redirect;
}

/** Confirms a device code (RFC 8628 §3.3) and gives the text of the page at the end. */
export async function approveDevice(
  verificationUriComplete: string,
  options: SignInOptions,
): Promise<string> {
  const { page } = await walk(verificationUriComplete, options);
  if (page === undefined) throw new Error("the confirmation ended at a redirect");
  return page;
}

/** Follows redirects and fills in forms until another origin is named or a page has no form. */
async function walk(start: string, options: SignInOptions): Promise<{ redirect?: string; page?: string }> {
  const { origin } = new URL(start);
  const cookies = new Map<string, string>();
  let url = new URL(start);
  let form: URLSearchParams | undefined;
  let passwordSent = false;

  for (let pages = 0; pages < MAXIMUM_PAGES; pages += 1) {
    const answer = await request(url, {
      ...(form === undefined ? {} : { form }),
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
      authorityPem: options.authority.certificatePem,
    });
    keepCookies(cookies, answer);
    form = undefined;
    if (answer.headers.location !== undefined) {
      url = new URL(answer.headers.location, url);
      if (url.origin !== origin) return { redirect: url.href };
      continue;
    }
    const parsed = parseForm(answer.body);
    if (parsed === undefined && answer.status === 200) return { page: answer.body };
    const asksForPassword = parsed?.fields.some((field) => field.type === "password") ?? false;
    if (parsed === undefined || (asksForPassword && passwordSent)) throw unexpectedPage(answer);
    passwordSent ||= asksForPassword;
    form = fillIn(parsed, options);
    url = new URL(parsed.action, url);
  }
  throw new Error(`no end after ${MAXIMUM_PAGES} pages`);
}

interface Field {
  readonly type: string;
  readonly name: string;
  readonly value: string;
}

interface Form {
  readonly action: string;
  readonly fields: readonly Field[];
}

/** The first form of a page; inputs and buttons both count as fields. */
function parseForm(html: string): Form | undefined {
  const [, attributes, content] = /<form\b([^>]*)>(.*?)<\/form>/is.exec(html) ?? [];
  if (attributes === undefined || content === undefined) return undefined;
  const fields = [...content.matchAll(/<(input|button)\b([^>]*)>/gi)].map(([, tag, text = ""]) => ({
    type: tag?.toLowerCase() === "button" ? "submit" : (attribute(text, "type") ?? "text"),
    name: attribute(text, "name") ?? "",
    value: attribute(text, "value") ?? "",
  }));
  return { action: attribute(attributes, "action") ?? "", fields };
}

/** Types the address and the password where they are asked for, and presses one button. */
function fillIn(form: Form, options: SignInOptions): URLSearchParams {
  const filled = new URLSearchParams();
  for (const field of form.fields) {
    if (field.type === "email") filled.append(field.name, options.otherIdentity ?? options.email);
    else if (field.type === "password") filled.append(field.name, options.password);
    else if (field.type !== "submit") filled.append(field.name, field.value);
  }
  const buttons = form.fields.filter((field) => field.type === "submit");
  const decision = options.decision ?? "allow";
  const pressed = buttons.find((button) => button.value === decision) ?? buttons[0];
  if (pressed !== undefined && pressed.name !== "") filled.append(pressed.name, pressed.value);
  return filled;
}

function attribute(text: string, name: string): string | undefined {
  const value = new RegExp(`\\b${name}="([^"]*)"`, "i").exec(text)?.[1];
  return value
    ?.replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
}

/** All pages are of one origin, so names are enough; an empty value is how a server takes a cookie back. */
function keepCookies(cookies: Map<string, string>, answer: Answer): void {
  for (const line of answer.headers["set-cookie"] ?? []) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    if (value === "") cookies.delete(name);
    else cookies.set(name, value);
  }
}

function unexpectedPage(answer: Answer): Error {
  const text = answer.body
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim();
  return new Error(`the sign-in stopped at a page with status ${answer.status}: ${text}`);
}
