// What `postern account add` says about hosts that it looked up, and about what it could not find.
// Invariant: the command to complete it can be copied as it is: nothing in it is more than a word to a shell.
import { domainToASCII } from "node:url";
import type { Discovery } from "../control/contract.ts";
import { PosternError } from "../errors/postern-error.ts";
import type { Missing, NewAccount } from "./account-add-completion.ts";
import type { GivenSettings } from "./account-add-options.ts";
import { EXIT } from "./exit-code.ts";
import { fillIn, note, type OutputOptions, print } from "./output.ts";

export interface Incomplete {
  readonly email: string;
  /** What the person typed, by long option. */
  readonly typed: ReadonlyMap<string, string>;
  readonly discovery: Discovery | undefined;
  readonly missing: readonly Missing[];
  /** Hosts that a person must agree to, in words. */
  readonly outside?: string;
}

type Server = NewAccount["imap"];

/** The hosts of an account that is about to be added. */
export function formatFound({ imap, smtp, issuer, scope, clientId }: NewAccount): string {
  return [
    "This is what will be used:",
    `  IMAP     ${formatServer(imap)}`,
    `  SMTP     ${formatServer(smtp)}`,
    `  Sign-in  ${issuer}${clientId === undefined ? ", where Postern registers itself now" : ""}`,
    `  Scope    ${scope}`,
  ].join("\n");
}

/**
 * Hosts that were looked up and lie outside the address's domain. Whoever can forge a DNS answer can name any host, with a
 * valid certificate of its own, so a person must know them (RFC 6186 §6).
 */
export function foreignHosts(email: string, given: GivenSettings, settings: NewAccount): string[] {
  const domain = domainToASCII(email.slice(email.lastIndexOf("@") + 1)).toLowerCase();
  const lookedUp = [
    given.imap === undefined ? settings.imap.host : undefined,
    given.smtp === undefined ? settings.smtp.host : undefined,
    given.issuer === undefined ? new URL(settings.issuer).hostname : undefined,
  ];
  const foreign = lookedUp
    .filter((host) => host !== undefined)
    .filter((host) => host !== domain && !host.endsWith(`.${domain}`));
  return [...new Set(foreign)];
}

/** Says what was found, what is missing and how to complete it. @returns the exit code */
export function explainIncomplete(options: OutputOptions, incomplete: Incomplete): number {
  const { email, discovery, missing, outside } = incomplete;
  const missed = missing.map(({ option }) => option);
  const detail = outside ?? `missing: ${missed.join(", ")}`;
  const { code, temporary, entry, message, action } = new PosternError("discovery-incomplete", { detail });
  const command = formatCommand(incomplete);
  if (options.json) {
    const error = { code, temporary, sentence: entry.sentence, detail, action: fillIn(action, email) };
    print(options, { error, discovery, missing: missed, command }, "");
    return EXIT.configuration;
  }
  note(`postern: ${message}`);
  note(["Found:", ...describeDiscovery(discovery)].join("\n"));
  if (outside !== undefined) note(`${outside}\nNobody is here to agree to that. If it is right:`);
  else
    note(["Missing:", ...missing.map(({ option, why }) => `  ${option}  ${why}`), "Complete it:"].join("\n"));
  note(`  ${command}`);
  return EXIT.configuration;
}

function describeDiscovery(discovery: Discovery | undefined): string[] {
  const { imap, smtp, issuer, scope } = discovery ?? {};
  const lines = [
    imap && `  IMAP     ${formatServer(imap)}`,
    smtp && `  SMTP     ${formatServer(smtp)}`,
    issuer && `  Sign-in  ${issuer}`,
    scope && `  Scope    ${scope}`,
  ].filter((line) => line !== undefined);
  return lines.length === 0 ? ["  nothing"] : lines;
}

/** The same command with what was found in it, and a word in capitals for each thing that is missing. */
function formatCommand({ email, typed, discovery, missing }: Incomplete): string {
  const { imap, smtp, issuer, scope } = discovery ?? {};
  const words = new Map([
    ...serverWords("imap", imap),
    ...serverWords("smtp", smtp),
    ...(issuer === undefined ? [] : [["--issuer", issuer] as const]),
    ...(scope === undefined ? [] : [["--scope", scope] as const]),
    ...typed,
  ]);
  return [
    "postern account add",
    quote(email),
    ...[...words].map(([option, value]) => `${option} ${quote(value)}`),
    ...missing.map(({ option, placeholder }) => `${option} ${placeholder}`),
  ].join(" ");
}

function serverWords(protocol: "imap" | "smtp", server: Server | undefined): (readonly [string, string])[] {
  if (server === undefined) return [];
  const { host, port, tls } = server;
  return [
    [`--${protocol}`, `${host.includes(":") ? `[${host}]` : host}:${port}`],
    [`--${protocol}-tls`, tls],
  ];
}

function formatServer({ host, port, tls }: Server): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port} (${tls === "implicit" ? "TLS" : "STARTTLS"})`;
}

/** One word to a POSIX shell, or to PowerShell and cmd.exe; what may not stand between its quotes is left out. */
function quote(text: string): string {
  if (/^[\w@+:,./~=-]+$/.test(text)) return text;
  if (process.platform === "win32") return `"${text.replace(/["%`$]/g, "")}"`;
  return `'${text.replaceAll("'", "'\\''")}'`;
}
