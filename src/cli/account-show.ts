// `postern account show`: one account, with what to do if it does not work.
import { Command } from "commander";
import { daemon } from "./daemon.ts";
import { describeAccount } from "./describe.ts";
import { type OutputOptions, print, run } from "./output.ts";

export function accountShow(): Command {
  return new Command("show")
    .description("Shows one account: whether it works, and what to do if not.")
    .argument("<email>")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  postern account show alice@example.org")
    .action((email: string, options: OutputOptions) =>
      run(
        options,
        async () => {
          const account = await (await daemon()).call("account.show", { email });
          print(options, account, describeAccount(account, Date.now()));
          return undefined;
        },
        email,
      ),
    );
}
