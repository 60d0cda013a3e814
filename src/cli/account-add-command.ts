// The `postern account add` that a person is shown, to go on where the last one stopped. Pure.
// Invariant: it can be copied as it is: nothing in it is more than a word to a shell.
import type { Discovery } from "../control/contract.ts";
import { type NewAccount, userNameFor } from "../new-account/settings.ts";
import type { MissingOption } from "./account-add-missing.ts";

/** A command that did not come to its end. */
export interface Attempt {
  readonly email: string;
  readonly kind: NewAccount["kind"];
  /** What the person typed, by long option; "" where an option takes no value. */
  readonly typed: ReadonlyMap<string, string>;
  readonly discovery: Discovery | undefined;
  readonly missing: readonly MissingOption[];
}

type Word = readonly [option: string, value: string];

/**
 * The same command with what was found in it, and a word in capitals for each thing that is missing. Of a built-in provider
 * no more is named than tells that it is meant: the rest follows from it.
 */
export function formatCommand({ email, kind, typed, discovery, missing }: Attempt): string {
  const { provider, recognisedBy, imap, smtp, issuer, scope } = discovery ?? {};
  const mailbox: Word[] =
    recognisedBy === "domain" ? [] : [...serverWords("imap", imap), ...serverWords("smtp", smtp)];
  const signIn: Word[] = [
    ...(issuer === undefined ? [] : [["--issuer", issuer] as const]),
    ...(scope === undefined ? [] : [["--scope", scope] as const]),
  ];
  const words = new Map<string, string>([
    ...mailbox,
    // Nothing is looked up any more where both servers and a password are named.
    ...(kind === "password" && mailbox.length > 0 ? userNameWords(email, discovery) : []),
    ...(kind === "oauth" && provider === undefined ? signIn : []),
    ...typed,
    ...(kind === "password" ? [["--password", ""] as const] : []),
  ]);
  const placeholders = missing.map(({ option, placeholder }) => `${option} ${placeholder}`);
  return [formatWords(email, [...words]), ...placeholders].join(" ");
}

/** Options about the mailbox, which hold however it is opened. */
const MAILBOX = [
  "--imap",
  "--imap-tls",
  "--smtp",
  "--smtp-tls",
  "--imap-user",
  "--smtp-user",
  "--local-user",
];

/** The command with nothing but what a person named of the mailbox. */
export function formatMailbox({ email, typed }: Attempt): string {
  return formatWords(
    email,
    [...typed].filter(([option]) => MAILBOX.includes(option)),
  );
}

function formatWords(email: string, words: readonly Word[]): string {
  const options = words.map(([option, value]) => (value === "" ? option : `${option} ${quote(value)}`));
  return ["postern account add", quote(email), ...options].join(" ");
}

function userNameWords(email: string, discovery: Discovery | undefined): Word[] {
  return (["imap", "smtp"] as const).flatMap((protocol) => {
    const name = userNameFor(discovery?.userName[protocol], email);
    return name === undefined ? [] : [[`--${protocol}-user`, name] as const];
  });
}

function serverWords(protocol: "imap" | "smtp", server: NewAccount["imap"] | undefined): Word[] {
  if (server === undefined) return [];
  const { host, port, tls } = server;
  return [
    [`--${protocol}`, `${host.includes(":") ? `[${host}]` : host}:${port}`],
    [`--${protocol}-tls`, tls],
  ];
}

/** One word to a POSIX shell, or to PowerShell and cmd.exe; what may not stand between its quotes is left out. */
function quote(text: string): string {
  if (/^[\w@+:,./~=-]+$/.test(text)) return text;
  if (process.platform === "win32") return `"${text.replace(/["%`$]/g, "")}"`;
  return `'${text.replaceAll("'", "'\\''")}'`;
}
