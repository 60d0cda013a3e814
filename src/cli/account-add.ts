// `postern account add`: says where a mailbox is and how to sign in there. What the person does not name is looked up.
// Invariant: hosts that were looked up are shown before the account is added, and asked about where they are not the
// address's own.
import { Command, Option } from "commander";
import type { ControlClient } from "../control/client.ts";
import type { Discovery } from "../control/contract.ts";
import { completeSettings, needsDiscovery } from "../new-account/completion.ts";
import { foreignHosts } from "../new-account/foreign-hosts.ts";
import { noWay } from "../new-account/no-way.ts";
import { type GivenSettings, kindOf, type NewAccount } from "../new-account/settings.ts";
import { describeMissing } from "./account-add-missing.ts";
import { type AddOptions, parseGiven, readSecret } from "./account-add-options.ts";
import { describePassword } from "./account-add-provider.ts";
import { explainNoWay } from "./account-add-refusal.ts";
import { explainIncomplete, formatFound } from "./account-add-report.ts";
import { confirm, isInteractive } from "./ask.ts";
import { daemon } from "./daemon.ts";
import { EXIT } from "./exit-code.ts";
import { note, print, run } from "./output.ts";

export function accountAdd(): Command {
  return new Command("add")
    .description("Adds an account. What you do not name is looked up; nobody signs in yet.")
    .argument("<email>", "the mailbox's address; your mail program uses it as its user name")
    .optionsGroup("Where the mailbox is:")
    .option("--imap <host:port>", "the provider's IMAP server")
    .addOption(tlsOption("--imap-tls <mode>", "993"))
    .option("--smtp <host:port>", "the provider's submission server")
    .addOption(tlsOption("--smtp-tls <mode>", "465"))
    .addOption(
      new Option(
        "--mechanism <name>",
        "the SASL mechanism (default: the provider's, or auto, which takes what the server announces)",
      ).choices(["auto", "xoauth2", "oauthbearer"]),
    )
    .optionsGroup("Where and how you sign in:")
    .option("--issuer <url>", "the provider's issuer, an https URL")
    .option("--client-id <id>", "the OAuth client id; without one, Postern registers itself where it may")
    .option("--client-secret-file <file>", "a file with the client secret, if the provider issued one")
    .option("--scope <scope>", "what to ask for, separated by spaces")
    .option(
      "--redirect-uri <uri>",
      "as registered: http of this machine, with any free port where none is named; or https, and you paste the answer (default: the provider's, or http://127.0.0.1/callback)",
    )
    .option("--password", "not with OAuth, but with a password or app password; 'postern login' asks for it")
    .optionsGroup("Where the issuer publishes no metadata (the first two go together):")
    .option("--authorization-endpoint <url>")
    .option("--token-endpoint <url>")
    .option("--device-authorization-endpoint <url>")
    .option("--revocation-endpoint <url>")
    .optionsGroup("Who is who, where that is not simply the address:")
    .option("--owner <email>", "who signs in: the delegate of a shared mailbox")
    .option("--imap-user <name>", "the user name that the IMAP server wants, if not the mailbox's address")
    .option("--smtp-user <name>", "the user name that the SMTP server wants, if not the owner's address")
    .option("--local-user <name>", "a second user name here, for devices that cannot type an @")
    .optionsGroup("Options:")
    .option("-y, --yes", "do not ask about hosts outside the address's domain")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `
Examples:
  postern account add alice@example.org
      the address alone: where the provider lets programs register themselves, or takes only passwords

  postern account add alice@gmail.com --client-id 0a1b2c3d --client-secret-file secret.txt
      with a client id of your own (postern provider register google)

  postern account add alice@gmail.com --password
      with an app password instead

  postern account add alice@example.org --issuer https://login.example.org --client-id 0a1b2c3d
      with the client id that your company registered; the mail servers are looked up

  postern account add info@example.org --owner alice@example.org --client-id 0a1b2c3d
      a shared mailbox, for which alice signs in

  postern account add alice@example.org --issuer https://login.example.org --client-id 0a1b2c3d \\
    --imap imap.example.org:993 --smtp smtp.example.org:587
      everything named, and nothing looked up`,
    )
    .action((email: string, options: AddOptions, command: Command) =>
      run(options, () => add(email, options, typedWords(command)), email),
    );
}

async function add(
  email: string,
  options: AddOptions,
  typed: ReadonlyMap<string, string>,
): Promise<number | undefined> {
  const given = parseGiven(email, options);
  const { clientSecretFile } = options;
  const clientSecret = clientSecretFile === undefined ? undefined : await readSecret(clientSecretFile);
  const client = await daemon();

  const discovery = needsDiscovery(given) ? await lookUp(client, given) : undefined;
  const refusal = noWay(given, discovery);
  if (refusal !== undefined && discovery !== undefined) return explainNoWay(options, refusal, discovery);
  const incomplete = { email, typed, discovery, kind: kindOf(discovery, given) };
  const completed = completeSettings(given, discovery);
  if (completed.kind === "incomplete") {
    return explainIncomplete(options, {
      ...incomplete,
      missing: completed.missing.map((missing) => describeMissing(missing, discovery)),
    });
  }
  const { settings } = completed;

  if (discovery !== undefined) {
    const foreign = options.yes ? [] : foreignHosts(given, settings, discovery);
    const reason = `Not in the address's domain: ${foreign.join(", ")}`;
    if (foreign.length > 0 && !isInteractive()) {
      return explainIncomplete(options, { ...incomplete, missing: [], reason });
    }
    note(formatFound(settings, discovery));
    if (foreign.length > 0) {
      note(`${reason}\nWhoever runs them will see your sign-in or your mail.`);
      if (!(await confirm("Do you know them, and is that right?"))) {
        note("Nothing was added.");
        return EXIT.attention;
      }
    }
  }
  const isKnown = given.clientId === undefined && discovery?.clientIdFrom !== undefined;
  if (
    discovery?.clientSecret === "required" &&
    settings.kind === "oauth" &&
    clientSecret === undefined &&
    !isKnown
  ) {
    note("This provider usually wants the client secret too: --client-secret-file FILE.");
  }

  const account = await client.call("account.add", {
    settings,
    ...(clientSecret === undefined ? {} : { clientSecret }),
  });
  print(options, account, `Added ${account.email}. ${nextStep(settings, discovery)}`);
  return undefined;
}

function nextStep(settings: NewAccount, discovery: Discovery | undefined): string {
  const login = `postern login ${settings.email}`;
  return settings.kind === "oauth"
    ? `Next, sign in: ${login}`
    : `Next: ${login}, which asks for the password: ${describePassword(discovery)}`;
}

async function lookUp(client: ControlClient, given: GivenSettings): Promise<Discovery> {
  const { email, imap, smtp, issuer } = given;
  note(`Looking up what belongs to ${email} …`);
  const discovery = await client.call("account.discover", {
    email,
    ...(imap === undefined ? {} : { imap }),
    ...(smtp === undefined ? {} : { smtp }),
    ...(issuer === undefined ? {} : { issuer }),
  });
  for (const step of discovery.trail) note(`  ${step}`);
  return discovery;
}

/** The options that the person typed, by their long names; "" for those without a value. */
function typedWords(command: Command): ReadonlyMap<string, string> {
  const words = new Map<string, string>();
  for (const option of command.options) {
    const name = option.attributeName();
    const value: unknown = command.getOptionValue(name);
    if (command.getOptionValueSource(name) !== "cli" || !option.long || name === "json") continue;
    words.set(option.long, typeof value === "string" ? value : "");
  }
  return words;
}

function tlsOption(flags: string, implicitPort: string): Option {
  return new Option(
    flags,
    `TLS from the start, or after STARTTLS (default: implicit on ${implicitPort}, else starttls)`,
  ).choices(["implicit", "starttls"]);
}
