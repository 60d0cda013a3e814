// `postern settings show`.
import { Command } from "commander";
import { daemon } from "./daemon.ts";
import { type OutputOptions, print, run } from "./output.ts";
import { describeSettingsView } from "./settings.ts";

export function settingsShow(): Command {
  return new Command("show")
    .description("Shows the settings, and which of them your organisation has set.")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  postern settings show")
    .action((options: OutputOptions) =>
      run(options, async () => {
        const { settings, policy } = await (await daemon()).call("status", {});
        print(options, { ...settings, locked: policy?.locked ?? [] }, describeSettingsView(settings, policy));
        return undefined;
      }),
    );
}
