// `postern stop`: ends the daemon in an orderly way, on systems without signals too.
import { Command } from "commander";
import { daemon } from "./daemon.ts";
import { type OutputOptions, print, run } from "./output.ts";

export function stop(): Command {
  return new Command("stop")
    .description("Stops the daemon.")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  postern stop")
    .action((options: OutputOptions) =>
      run(options, async () => {
        const client = await daemon();
        await client.call("stop", {});
        print(options, { stopped: true }, "Postern is stopping.");
        return undefined;
      }),
    );
}
