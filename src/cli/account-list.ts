// `postern account list`: every account in one line.
import { Command } from "commander";
import { daemon } from "./daemon.ts";
import { describeAccountLine } from "./describe.ts";
import { type OutputOptions, print, run } from "./output.ts";

export function accountList(): Command {
  return new Command("list")
    .description("Lists the accounts and how they are.")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  postern account list --json")
    .action((options: OutputOptions) =>
      run(options, async () => {
        const { accounts } = await (await daemon()).call("status", {});
        const text = accounts.map(describeAccountLine).join("\n");
        print(options, { accounts }, text || "No accounts yet. Add one: postern account add --help");
        return undefined;
      }),
    );
}
