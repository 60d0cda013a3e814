// `postern account add`: says where a mailbox is and how to sign in there.
import { readFile } from "node:fs/promises";
import { Command, Option } from "commander";
import { type AccountSettings, accountSettingsSchema } from "../control/contract.ts";
import { systemCode } from "../errors/postern-error.ts";
import { daemon } from "./daemon.ts";
import { parseHostPort } from "./host-port.ts";
import { print, run, wrongUsage } from "./output.ts";

interface Options {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecretFile?: string;
  readonly scope: string;
  readonly authorizationEndpoint?: string;
  readonly tokenEndpoint?: string;
  readonly redirectPath: string;
  readonly imap: string;
  readonly imapTls?: AccountSettings["imap"]["tls"];
  readonly smtp: string;
  readonly smtpTls?: AccountSettings["smtp"]["tls"];
  readonly mechanism: AccountSettings["mechanism"];
  readonly json?: boolean;
}

const DEFAULT_SCOPE = "openid email offline_access";

export function accountAdd(): Command {
  return new Command("add")
    .description("Adds an account. Nothing is asked of the provider yet; sign in afterwards.")
    .argument("<email>", "the mailbox's address; your mail program uses it as its user name")
    .requiredOption("--issuer <url>", "the provider's issuer, an https URL")
    .requiredOption("--client-id <id>", "the OAuth client id registered with the provider")
    .option("--client-secret-file <file>", "a file with the client secret, if the provider issued one")
    .option("--scope <scope>", "what to ask for, separated by spaces", DEFAULT_SCOPE)
    .option(
      "--authorization-endpoint <url>",
      "where the issuer publishes no metadata (with --token-endpoint)",
    )
    .option(
      "--token-endpoint <url>",
      "where the issuer publishes no metadata (with --authorization-endpoint)",
    )
    .option(
      "--redirect-path <path>",
      "the path registered with the provider for http://127.0.0.1",
      "/callback",
    )
    .requiredOption("--imap <host:port>", "the provider's IMAP server")
    .addOption(tlsOption("--imap-tls <mode>", "993"))
    .requiredOption("--smtp <host:port>", "the provider's submission server")
    .addOption(tlsOption("--smtp-tls <mode>", "465"))
    .addOption(
      new Option("--mechanism <name>", "the SASL mechanism; auto takes what the server announces")
        .choices(["auto", "xoauth2", "oauthbearer"])
        .default("auto"),
    )
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `
Example:
  postern account add alice@example.org --issuer https://login.example.org --client-id postern \\
    --imap imap.example.org:993 --imap-tls implicit --smtp smtp.example.org:587 --smtp-tls starttls`,
    )
    .action((email: string, options: Options) =>
      run(options, async () => {
        const settings = toSettings(email, options);
        const clientSecret =
          options.clientSecretFile === undefined ? undefined : await readSecret(options.clientSecretFile);
        const client = await daemon();
        const account = await client.call("account.add", {
          settings,
          ...(clientSecret === undefined ? {} : { clientSecret }),
        });
        print(options, account, `Added ${account.email}. Next, sign in: postern login ${account.email}`);
        return undefined;
      }),
    );
}

function tlsOption(flags: string, implicitPort: string): Option {
  return new Option(
    flags,
    `TLS from the start, or after STARTTLS (default: implicit on ${implicitPort}, else starttls)`,
  ).choices(["implicit", "starttls"]);
}

function toSettings(email: string, options: Options): AccountSettings {
  const { authorizationEndpoint: authorization, tokenEndpoint: token } = options;
  if ((authorization === undefined) !== (token === undefined)) {
    throw wrongUsage("--authorization-endpoint and --token-endpoint go together");
  }
  const imap = parseHostPort(options.imap, "--imap");
  const smtp = parseHostPort(options.smtp, "--smtp");
  const parsed = accountSettingsSchema.safeParse({
    email,
    issuer: options.issuer,
    ...(authorization === undefined || token === undefined ? {} : { endpoints: { authorization, token } }),
    clientId: options.clientId,
    scope: options.scope,
    redirectPath: options.redirectPath,
    imap: { ...imap, tls: options.imapTls ?? (imap.port === 993 ? "implicit" : "starttls") },
    smtp: { ...smtp, tls: options.smtpTls ?? (smtp.port === 465 ? "implicit" : "starttls") },
    mechanism: options.mechanism,
  });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const option = OPTIONS[issue?.path.join(".") ?? ""] ?? issue?.path.join(".");
  throw wrongUsage(`${option} ${issue?.message}`);
}

/** By the settings' own names: what the person typed. */
const OPTIONS: Readonly<Record<string, string>> = {
  email: "the address",
  issuer: "--issuer",
  "endpoints.authorization": "--authorization-endpoint",
  "endpoints.token": "--token-endpoint",
  clientId: "--client-id",
  scope: "--scope",
  redirectPath: "--redirect-path",
  "imap.host": "--imap",
  "smtp.host": "--smtp",
};

/** The secret without the newline that an editor puts behind it. */
async function readSecret(path: string): Promise<string> {
  try {
    const secret = (await readFile(path, "utf8")).replace(/\r?\n$/, "");
    if (secret !== "") return secret;
  } catch (thrown) {
    throw wrongUsage(`--client-secret-file ${path}: ${systemCode(thrown)}`);
  }
  throw wrongUsage(`--client-secret-file ${path} is empty`);
}
