// `postern password create`: a new local password for one mail program, shown once.
import { Command } from "commander";
import { daemon } from "./daemon.ts";
import { describeSettings } from "./describe.ts";
import { print, run } from "./output.ts";

interface Options {
  readonly name: string;
  readonly json?: boolean;
}

export function passwordCreate(): Command {
  return new Command("create")
    .description("Makes a local password for one mail program and shows it once.")
    .argument("<email>")
    .requiredOption("--name <name>", "what the password is for, such as thunderbird or scanner")
    .option("--json", 'print JSON: {"password": "…"}')
    .addHelpText(
      "after",
      `
The password works on this machine only, and can be revoked on its own.

Example:
  postern password create alice@example.org --name thunderbird`,
    )
    .action((email: string, options: Options) =>
      run(
        options,
        async () => {
          const client = await daemon();
          const { password } = await client.call("password.create", { email, name: options.name });
          const text = `${password}\n\nThis is shown once. ${describeSettings(await client.call("status", {}), email)}`;
          print(options, { password }, text);
          return undefined;
        },
        email,
      ),
    );
}
