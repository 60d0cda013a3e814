// `postern account trust`: a person agrees that an account's tokens go to the hosts that it names now.
import { Command } from "commander";
import { confirm, isInteractive } from "./ask.ts";
import { daemon } from "./daemon.ts";
import { describeAccount } from "./describe.ts";
import { EXIT } from "./exit-code.ts";
import { note, type OutputOptions, print, run, wrongUsage } from "./output.ts";

interface Options extends OutputOptions {
  readonly yes?: boolean;
}

export function accountTrust(): Command {
  return new Command("trust")
    .description("Agrees to the hosts that an account names now, after they have changed.")
    .argument("<email>")
    .option("-y, --yes", "do not ask")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `
Postern sends a sign-in only to the hosts that it was made for. When the configuration or the provider
names other ones, mail stops until you have looked at both: postern account show EMAIL

Example:
  postern account trust alice@example.org`,
    )
    .action((email: string, options: Options) => run(options, () => trust(email, options), email));
}

async function trust(email: string, options: Options): Promise<number> {
  const client = await daemon();
  const { hostsChanged } = await client.call("account.show", { email });
  if (hostsChanged === undefined) {
    print(options, { changed: false }, "Nothing has changed: this account goes where you signed in.");
    return EXIT.done;
  }
  if (!options.json) {
    note(`You signed in for:  ${hostsChanged.trusted.join(", ")}`);
    note(`It now names:       ${hostsChanged.now.join(", ")}`);
  }
  if (!options.yes) {
    if (!isInteractive()) throw wrongUsage("nobody is here to agree; add --yes if you have looked at both");
    if (!(await confirm("Whoever runs the new hosts can read this mailbox. Go on?"))) {
      note("Nothing was changed.");
      return EXIT.attention;
    }
  }
  const account = await client.call("account.trust", { email, hosts: hostsChanged.now });
  print(options, account, describeAccount(account, Date.now()));
  return EXIT.done;
}
