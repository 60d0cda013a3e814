// `postern account set`: changes what can be changed about an account without a new sign-in.
import { Command } from "commander";
import type { Request } from "../control/contract.ts";
import { daemon } from "./daemon.ts";
import { describeAccount } from "./describe.ts";
import { type OutputOptions, print, run, wrongUsage } from "./output.ts";

type Changes = Request<"account.change">["changes"];

const NAMES = {
  "local-user": "localUser",
  owner: "owner",
  "imap-user": "imapUser",
  "smtp-user": "smtpUser",
} as const;

export function accountSet(): Command {
  return new Command("set")
    .description("Changes one setting of an account.")
    .argument("<email>")
    .argument("<name>")
    .argument("<value>", '"none" takes the setting away')
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `
Settings:
  local-user    a second user name here, one word, for devices that cannot type an @
  owner         who signs in, where that is another address: the delegate of a shared mailbox
  imap-user     the user name that the provider's IMAP server wants, where it is not the mailbox's address
  smtp-user     the same for SMTP, where it is not the owner's address
  token-access  on: postern token may hand out access tokens of this account; off

Examples:
  postern account set scans@example.org local-user scanner
  postern account set alice@example.org token-access on`,
    )
    .action((email: string, name: string, value: string, options: OutputOptions) =>
      run(
        options,
        async () => {
          const changes = parseChange(name, value);
          const account = await (await daemon()).call("account.change", { email, changes });
          print(options, account, describeAccount(account, Date.now()));
          return undefined;
        },
        email,
      ),
    );
}

function parseChange(name: string, value: string): Changes {
  if (name === "token-access") {
    if (value !== "on" && value !== "off") throw wrongUsage("token-access is on or off");
    return { tokenAccess: value === "on" };
  }
  if (!Object.hasOwn(NAMES, name)) throw wrongUsage(`an account has no setting ${name}`);
  return { [NAMES[name as keyof typeof NAMES]]: value === "none" ? null : value };
}
