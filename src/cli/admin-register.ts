// `postern admin register microsoft`: what an administrator needs to register Postern once for everybody. Without a daemon.
import { Argument, Command, Option } from "commander";
import { canonicalDomain } from "../provider/domain.ts";
import { impliedOAuth } from "../provider/implied-settings.ts";
import { microsoft365 } from "../provider/presets/microsoft-365.ts";
import { isTenant } from "../provider/tenant.ts";
import { PERMISSION_SOURCES } from "../registration/microsoft-permissions.ts";
import {
  EXCHANGE_SCRIPT,
  formatAzScript,
  formatConsentAddress,
  formatPowerShellScript,
  type MicrosoftRegistration,
  POLICY_FILE,
  policyFor,
} from "../registration/microsoft-scripts.ts";
import { formatPolicy } from "../registration/policy.ts";
import { isOneLine } from "../registration/shell-words.ts";
import { type OutputOptions, print, run, wrongUsage } from "./output.ts";

export interface AdminOptions extends OutputOptions {
  readonly tenant: string;
  readonly name: string;
  readonly clientId?: string;
  readonly domain?: readonly string[];
  readonly only?: Part;
}

const PARTS = ["az", "powershell", "consent", "exchange", "policy"] as const;
type Part = (typeof PARTS)[number];

/** What stands in for a client id that is not known yet. */
const NO_CLIENT_ID = "CLIENT-ID";
const LONGEST_NAME = 120;

export function adminRegister(): Command {
  return new Command("register")
    .description(
      "Prints what registers Postern once for everybody in an organisation. It changes nothing itself.",
    )
    .addArgument(new Argument("<provider>").choices(["microsoft"]))
    .requiredOption("--tenant <tenant>", "your directory's id, or one of its domains")
    .option("--name <name>", "how people see the app", "Postern")
    .option(
      "--client-id <id>",
      "once a script has given it: for the finished consent address and policy file",
    )
    .option("--domain <domain...>", "mail domains that the policy file allows; every one where none is named")
    .addOption(new Option("--only <part>", "one part by itself, for a file").choices(PARTS))
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `
Examples:
  postern admin register microsoft --tenant contoso.com
  postern admin register microsoft --tenant contoso.com --only az > register-postern.sh
  postern admin register microsoft --tenant contoso.com --client-id 11112222-3333-4444-5555-666677778888`,
    )
    .action((_provider: string, options: AdminOptions) =>
      run(options, async () => {
        const parts = createParts(options);
        if (options.only !== undefined && !options.json) process.stdout.write(parts[options.only]);
        else print(options, { ...parts, unverified: UNVERIFIED }, formatParts(parts, options));
        return undefined;
      }),
    );
}

/** @throws PosternError `request-invalid` */
export function createParts(options: AdminOptions): Readonly<Record<Part, string>> {
  const { tenant, name, clientId = NO_CLIENT_ID } = options;
  if (!isTenant(tenant)) {
    throw wrongUsage("--tenant takes a directory's id or one of its domains, such as contoso.com");
  }
  // az reads a file where a word begins with @, and an option where it begins with a hyphen.
  if (!/^[^@\s-]/.test(name) || name.length > LONGEST_NAME || !isOneLine(name)) {
    throw wrongUsage(
      `--name takes one line of at most ${LONGEST_NAME} characters that begins with none of @ and -`,
    );
  }
  if (!/^(?:CLIENT-ID|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$/.test(clientId)) {
    throw wrongUsage("--client-id takes what Entra calls Application (client) ID");
  }
  const { redirectUri, addresses } = impliedOAuth(microsoft365, { tenant });
  const { scope } = impliedOAuth(microsoft365, { tenant, protocols: ["imap", "pop3", "smtp"] });
  const registration: MicrosoftRegistration = {
    tenant: tenant.toLowerCase(),
    name: name.trim(),
    // Entra ignores the port of localhost, and compares the path.
    redirectUris: ["http://localhost", redirectUri],
    allowedDomains: (options.domain ?? []).map(requireDomain),
    provider: microsoft365.id,
  };
  const origin = new URL(addresses?.issuer ?? microsoft365.oauth.issuer).origin;
  const consent = formatConsentAddress(origin, { tenant: registration.tenant, redirectUri, scope }, clientId);
  return {
    az: formatAzScript(registration),
    powershell: formatPowerShellScript(registration),
    consent: `${consent}\n`,
    exchange: EXCHANGE_SCRIPT,
    policy: formatPolicy(policyFor(registration, clientId)),
  };
}

function requireDomain(domain: string): string {
  const canonical = canonicalDomain(domain);
  if (canonical === undefined) throw wrongUsage(`--domain ${domain} is no mail domain`);
  return canonical;
}

const UNVERIFIED = PERMISSION_SOURCES.filter(({ verified }) => !verified).map(
  ({ what, source }) => `${what}: ${source}`,
);

function formatParts(parts: Readonly<Record<Part, string>>, { clientId }: AdminOptions): string {
  const head = (title: string): string => `──── ${title} ────\n`;
  const policyNote =
    clientId === undefined
      ? `Either script writes it finished, as ${POLICY_FILE}. Or run this again with --client-id.\n`
      : "";
  return [
    "Run one of the two scripts, once. Then give the policy file to everybody who uses Postern: with it, an address of",
    "your organisation is enough for them. It belongs to /etc/postern/policy.json on Linux, C:\\Program Files\\Postern\\policy.json",
    "on Windows, /Library/Application Support/Postern/policy.json on macOS. It can also lock settings:",
    "docs/managed-workstations.md tells everything that it may say.",
    "",
    `${head("1a. With az, in bash (--only az)")}${parts.az}`,
    `${head("1b. Or with Microsoft Graph PowerShell (--only powershell)")}${parts.powershell}`,
    `${head("2. Consent by hand, where a script could not give it (--only consent)")}As an administrator, open this in a browser. It ends at a page on localhost that does not load; that is all right.\n${parts.consent}`,
    `${head("3. Sending over SMTP and reading over IMAP, per mailbox (--only exchange)")}${parts.exchange}`,
    `${head("4. The policy file (--only policy)")}${policyNote}${parts.policy}`,
    `${head("Not verified")}${UNVERIFIED.join("\n")}`,
  ].join("\n");
}
