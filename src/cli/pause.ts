// `postern pause` and `postern resume`: mail programs are told to come back later, until a person or a restart lets them in.
import { Command } from "commander";
import { daemon } from "./daemon.ts";
import { type OutputOptions, print, run } from "./output.ts";

export function pause(): Command {
  return new Command("pause")
    .description("Tells mail programs to come back later, until postern resume or a restart.")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  postern pause")
    .action((options: OutputOptions) =>
      run(options, async () => {
        await (await daemon()).call("pause", {});
        print(options, { paused: true }, "Postern is paused. To go on: postern resume");
        return undefined;
      }),
    );
}

export function resume(): Command {
  return new Command("resume")
    .description("Lets mail programs in again after postern pause.")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  postern resume")
    .action((options: OutputOptions) =>
      run(options, async () => {
        await (await daemon()).call("resume", {});
        print(options, { paused: false }, "Mail programs are let in again.");
        return undefined;
      }),
    );
}
