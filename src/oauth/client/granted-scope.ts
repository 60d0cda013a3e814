// Compares the scopes that were granted with those asked for (RFC 6749 §3.3, §5.1), across the spellings that providers
// use for the same thing, and says what is missing in words.

/** Which mail protocol a scope is for; "mail" is for all of them at once. */
type Purpose = "imap" | "pop" | "smtp" | "mail";

/** They say who signed in and for how long; providers leave them out of the answer although they grant them. */
const NEVER_MISSING: ReadonlySet<string> = new Set(["openid", "profile", "email", "offline_access"]);

/** Google's names for OpenID Connect's scopes. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["https://www.googleapis.com/auth/userinfo.email", "email"],
  ["https://www.googleapis.com/auth/userinfo.profile", "profile"],
  ["https://www.googleapis.com/auth/plus.me", "profile"],
]);

/** One resource under several names: Microsoft answers with another than it was asked for. */
const OUTLOOK_HOSTS: ReadonlySet<string> = new Set([
  "outlook.office.com",
  "outlook.office365.com",
  "outlook.office365.us",
  "partner.outlook.cn",
]);

/**
 * The scopes of `asked` that are not in `granted`, as they were asked for.
 * @param granted undefined where the server granted what was asked for
 */
export function missingScopes(asked: string, granted: string | undefined): string[] {
  if (granted === undefined) return [];
  const given = new Set(wordsOf(granted).map(meaningOf));
  return wordsOf(asked).filter((scope) => counts(scope) && !given.has(meaningOf(scope)));
}

/** Whether mail was asked for, and nothing of it was granted: such a sign-in is of no use. */
export function grantsNoMail(asked: string, granted: string | undefined): boolean {
  const counting = wordsOf(asked).filter(counts);
  const mail = counting.filter((scope) => purposeOf(scope) !== undefined);
  const wanted = mail.length > 0 ? mail : counting;
  const missing = new Set(missingScopes(asked, granted));
  return wanted.length > 0 && wanted.every((scope) => missing.has(scope));
}

const NOT_GRANTED: Readonly<Record<Purpose, string>> = {
  imap: "Reading (IMAP) was not granted, so mail programs cannot read mail.",
  smtp: "Sending (SMTP) was not granted, so mail programs cannot send mail.",
  pop: "Fetching (POP3) was not granted.",
  mail: "Mail (IMAP and SMTP) was not granted, so mail programs can neither read nor send.",
};

/** What to tell a person: a sentence for each protocol that is missing, and for each scope that is for something else. */
export function describeMissing(missing: readonly string[]): string[] {
  const sentences = missing.map((scope) => {
    const purpose = purposeOf(scope);
    const lost = purpose === undefined ? `The permission ${scope} was not granted.` : NOT_GRANTED[purpose];
    return `${lost} To change that, sign in again and leave every permission ticked.`;
  });
  return [...new Set(sentences)];
}

/** Zoho separates by commas, everybody else by spaces. */
function wordsOf(scope: string): string[] {
  return scope.split(/[\s,]+/).filter((word) => word !== "");
}

/** Whether a scope is missed when it is not granted. `.default` stands for others, which are granted in its place. */
function counts(scope: string): boolean {
  return !NEVER_MISSING.has(meaningOf(scope)) && !scope.endsWith("/.default");
}

/** The same text for all spellings of one scope. */
function meaningOf(scope: string): string {
  let folded = scope.toLowerCase();
  while (folded.endsWith("/")) folded = folded.slice(0, -1);
  const alias = ALIASES.get(folded);
  if (alias !== undefined) return alias;
  if (!URL.canParse(folded) || !OUTLOOK_HOSTS.has(new URL(folded).host)) return folded;
  return folded.slice(folded.lastIndexOf("/") + 1);
}

function purposeOf(scope: string): Purpose | undefined {
  const words = tellingPart(scope)
    .toLowerCase()
    .split(/[^a-z]+/);
  for (const purpose of ["imap", "smtp", "pop"] as const) if (words.includes(purpose)) return purpose;
  return words.some((word) => word.endsWith("mail")) ? "mail" : undefined;
}

/** Of a web address its path, since "mail" in a provider's host says nothing; its host where there is no path. */
function tellingPart(scope: string): string {
  if (!/^https?:\/\//i.test(scope) || !URL.canParse(scope)) return scope;
  const { hostname, pathname } = new URL(scope);
  return pathname === "/" ? hostname : pathname;
}
