// A scripted browser for Keycloak's own pages: sign-in, consent, the device's code. browser.ts cannot do these: the address is
// asked for in a text field, and the buttons have names and no values.
// Invariant: it only ever visits Keycloak's origin and, at the end, the redirect URI.
import type { TestAuthority } from "./authority.ts";
import type { RedirectAnswer } from "./browser.ts";
import type { Person } from "./person.ts";
import { type Answer, request } from "./request.ts";

export interface KeycloakVisit {
  readonly person: Person;
  readonly authority: TestAuthority;
  /** What the person presses where Keycloak asks for consent; "allow" unless told otherwise. */
  readonly decision?: "allow" | "deny";
}

/** How a walk through pages ended: at a program's redirect URI, or at a page that asks for nothing more. */
type Ending =
  | { readonly kind: "redirect"; readonly url: string; readonly titles: readonly string[] }
  | { readonly kind: "page"; readonly text: string; readonly titles: readonly string[] };

const MAXIMUM_PAGES = 20;

/** Signs in and visits the redirect URI; gives the answer of whoever listens there. */
export async function signInAtKeycloak(
  authorizationUrl: string,
  visit: KeycloakVisit,
): Promise<RedirectAnswer> {
  const redirectUri = await authorizationResponseOfKeycloak(authorizationUrl, visit);
  const { status, body } = await request(redirectUri);
  return { status, body, redirectUri };
}

/** Walks through sign-in and consent and gives the final redirect URL without visiting it. Throws with a page's text. */
export async function authorizationResponseOfKeycloak(
  authorizationUrl: string,
  visit: KeycloakVisit,
): Promise<string> {
  const ending = await walk(authorizationUrl, visit, "");
  if (ending.kind === "redirect") return ending.url;
  throw new Error(`the sign-in stopped at a page: ${ending.text}`);
}

/**
 * Opens verification_uri and types the code, or verification_uri_complete with it (RFC 8628 §3.3), signs in and answers.
 * Gives the text of the last page.
 */
export async function answerDeviceAtKeycloak(
  verificationUri: string,
  userCode: string,
  visit: KeycloakVisit,
): Promise<string> {
  const ending = await walk(verificationUri, visit, userCode);
  if (ending.kind === "page") return ending.text;
  throw new Error(`the device's pages ended at ${ending.url}`);
}

/** The headings of all pages that were shown on the way, for a test that cares whether consent was asked. */
export async function pagesOfKeycloak(
  url: string,
  visit: KeycloakVisit,
  userCode = "",
): Promise<readonly string[]> {
  return (await walk(url, visit, userCode)).titles;
}

async function walk(start: string, visit: KeycloakVisit, userCode: string): Promise<Ending> {
  const { origin } = new URL(start);
  const cookies = new Map<string, string>();
  const titles: string[] = [];
  let url = new URL(start);
  let form: URLSearchParams | undefined;
  const sent = new Set<string>();

  for (let pages = 0; pages < MAXIMUM_PAGES; pages += 1) {
    const answer = await request(url, {
      ...(form === undefined ? {} : { form }),
      headers: {
        // Without it Keycloak takes the form with the code for a program's device authorization request.
        accept: "text/html",
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
      },
      authorityPem: visit.authority.certificatePem,
    });
    keepCookies(cookies, answer);
    form = undefined;
    if (answer.headers.location !== undefined) {
      url = new URL(answer.headers.location, url);
      if (url.origin !== origin) return { kind: "redirect", url: url.href, titles };
      continue;
    }
    titles.push(textOf(/<h1\b[^>]*id="kc-page-title"[^>]*>(.*?)<\/h1>/is.exec(answer.body)?.[1] ?? ""));
    const asked = parseForm(answer.body);
    // A page that asks for the same again says what was wrong.
    const names = asked?.fields.map(({ name }) => name).join(" ") ?? "";
    if (asked === undefined || sent.has(names)) {
      return { kind: "page", text: `${answer.status} ${textOf(answer.body)}`, titles };
    }
    sent.add(names);
    form = fillIn(asked, visit, userCode);
    url = new URL(asked.action, url);
  }
  throw new Error(`no end after ${MAXIMUM_PAGES} pages`);
}

interface Form {
  readonly action: string;
  /** Inputs, and the buttons that send the form. */
  readonly fields: readonly { readonly name: string; readonly value: string }[];
}

function parseForm(html: string): Form | undefined {
  const [, attributes, content] = /<form\b([^>]*)>(.*?)<\/form>/is.exec(html) ?? [];
  if (attributes === undefined || content === undefined) return undefined;
  const fields = [...content.matchAll(/<(?:input|button)\b([^>]*)>/gi)]
    .map(([, text = ""]) => text)
    .filter((text) => attribute(text, "type") !== "button")
    .map((text) => ({ name: attribute(text, "name") ?? "", value: attribute(text, "value") ?? "" }));
  return { action: attribute(attributes, "action") ?? "", fields };
}

/** What the person types and presses, by the names of Keycloak's fields; everything else goes back as it came. */
function fillIn({ fields }: Form, { person, decision }: KeycloakVisit, userCode: string): URLSearchParams {
  const typed = new Map([
    ["username", person.email],
    ["password", person.password],
    ["device_user_code", userCode],
  ]);
  const notPressed = decision === "deny" ? "accept" : "cancel";
  const filled = new URLSearchParams();
  for (const { name, value } of fields) {
    if (name !== "" && name !== notPressed) filled.append(name, typed.get(name) ?? value);
  }
  return filled;
}

function attribute(text: string, name: string): string | undefined {
  const value = new RegExp(`(?<![\\w-])${name}="([^"]*)"`, "i").exec(text)?.[1];
  return value === undefined ? undefined : plain(value);
}

function textOf(html: string): string {
  const visible = html.replaceAll(/<(head|script|style)\b.*?<\/\1>/gis, " ").replaceAll(/<[^>]*>/g, " ");
  return plain(visible).replaceAll(/\s+/g, " ").trim();
}

function plain(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}

/** All pages are of one realm, so names are enough; an empty value is how Keycloak takes a cookie back. */
function keepCookies(cookies: Map<string, string>, answer: Answer): void {
  for (const line of answer.headers["set-cookie"] ?? []) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    if (value === "") cookies.delete(name);
    else cookies.set(name, value);
  }
}
