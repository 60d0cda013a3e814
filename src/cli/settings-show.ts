// `postern settings show`.
import { Command } from "commander";
import { daemon } from "./daemon.ts";
import { type OutputOptions, print, run } from "./output.ts";
import { describeSettingsView } from "./settings.ts";

export function settingsShow(): Command {
  return new Command("show")
    .description("Shows the settings.")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  postern settings show")
    .action((options: OutputOptions) =>
      run(options, async () => {
        const settings = await (await daemon()).call("settings.show", {});
        print(options, settings, describeSettingsView(settings));
        return undefined;
      }),
    );
}
