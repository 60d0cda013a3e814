// `postern settings set`: changes one setting, checked before it is kept.
import { Command } from "commander";
import { daemon } from "./daemon.ts";
import { type OutputOptions, print, run } from "./output.ts";
import { describeSettingsView, parseSetting, SETTINGS_HELP } from "./settings.ts";

export function settingsSet(): Command {
  return new Command("set")
    .description("Changes one setting.")
    .argument("<name>")
    .argument("<value>")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `\nSettings:${SETTINGS_HELP}\n\nExamples:\n  postern settings set authority-file company-ca.pem\n  postern settings set mail-proxy socks5://proxy.example.com:1080`,
    )
    .action((name: string, value: string, options: OutputOptions) =>
      run(options, async () => {
        const change = parseSetting(name, value);
        const { settings } = await (await daemon()).call("settings.change", change);
        print(options, { settings }, describeSettingsView(settings));
        return undefined;
      }),
    );
}
