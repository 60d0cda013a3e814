// What `postern account add` says about hosts that it looked up, and about what it could not find.
import type { Discovery } from "../control/contract.ts";
import { PosternError } from "../errors/postern-error.ts";
import type { NewAccount } from "../new-account/settings.ts";
import { type Attempt, formatCommand, formatMailbox } from "./account-add-command.ts";
import { describeProvider, describeQuirks, describeWaysIn, waysIn } from "./account-add-provider.ts";

import { EXIT } from "./exit-code.ts";
import { fillIn, note, type OutputOptions, print } from "./output.ts";

export interface Incomplete extends Attempt {
  /** Why it is not done all the same, in words, where nothing is missing: what a person must agree to. */
  readonly reason?: string;
}

type Server = NewAccount["imap"];

/** The hosts of an account that is about to be added. */
export function formatFound(settings: NewAccount, discovery: Discovery | undefined): string {
  const { imap, smtp } = settings;
  return [
    "This is what will be used:",
    ...describeProvider(discovery),
    `  IMAP     ${formatServer(imap)}`,
    `  SMTP     ${formatServer(smtp)}`,
    ...(settings.kind === "password"
      ? ["  Sign-in  with a password, which Postern keeps in the keychain"]
      : [
          `  Sign-in  ${formatSignIn(settings)}${settings.clientId === undefined && discovery?.clientIdFrom === undefined ? ", where Postern registers itself now" : ""}`,
          `  Scope    ${settings.scope}`,
        ]),
    ...describeQuirks(discovery),
  ].join("\n");
}

type OAuthSettings = Extract<NewAccount, { kind: "oauth" }>;

/** Says what was found, what is missing and how to complete it. @returns the exit code */
export function explainIncomplete(options: OutputOptions, incomplete: Incomplete): number {
  const { email, discovery, missing, reason } = incomplete;
  const missed = missing.map(({ option }) => option);
  const detail = reason ?? `missing: ${missed.join(", ")}`;
  const { code, temporary, entry, message, action } = new PosternError("discovery-incomplete", { detail });
  const command = formatCommand(incomplete);
  const lacksOnlySignIn = !missed.includes("--imap") && !missed.includes("--smtp") && missing.length > 0;
  const ways = lacksOnlySignIn ? waysIn(discovery, formatMailbox(incomplete)) : undefined;
  if (options.json) {
    const error = { code, temporary, sentence: entry.sentence, detail, action: fillIn(action, email) };
    print(options, { error, discovery, missing: missed, command, ...ways }, "");
    return EXIT.configuration;
  }
  note(`postern: ${message}`);
  note(["Found:", ...describeDiscovery(incomplete)].join("\n"));
  if (reason !== undefined) note(`${reason}\nNobody is here to say yes to that. If it is right:`);
  else {
    const lines = missing.map(({ option, why }) => `  ${option}  ${why}`);
    const offered = ways === undefined ? [] : describeWaysIn(ways, discovery);
    note(["Missing:", ...lines, ...describeQuirks(discovery), ...offered, "Complete it:"].join("\n"));
  }
  note(`  ${command}`);
  return EXIT.configuration;
}

function describeDiscovery({ discovery, kind }: Attempt): string[] {
  const { imap, smtp } = discovery ?? {};
  const { issuer, scope } = kind === "password" ? {} : (discovery ?? {});
  const lines = [
    ...describeProvider(discovery),
    imap && `  IMAP     ${formatServer(imap)}`,
    smtp && `  SMTP     ${formatServer(smtp)}`,
    issuer && `  Sign-in  ${formatSignIn({ issuer, endpoints: discovery?.endpoints })}`,
    scope && `  Scope    ${scope}`,
  ].filter((line) => line !== undefined);
  return lines.length === 0 ? ["  nothing"] : lines;
}

/** With the hosts besides the issuer's, where a person is sent or a token comes from. */
function formatSignIn({ issuer, endpoints }: Pick<OAuthSettings, "issuer" | "endpoints">): string {
  const own = new URL(issuer).hostname;
  const hosts = [endpoints?.authorization, endpoints?.token]
    .filter((address) => address !== undefined)
    .map((address) => new URL(address).hostname)
    .filter((host) => host !== own);
  return hosts.length === 0 ? issuer : `${issuer} with ${[...new Set(hosts)].join(", ")}`;
}

function formatServer({ host, port, tls }: Server): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port} (${tls === "implicit" ? "TLS" : "STARTTLS"})`;
}
