// `postern password revoke`: one mail program can no longer log in; the others can.
import { Command } from "commander";
import { daemon } from "./daemon.ts";
import { print, run } from "./output.ts";

interface Options {
  readonly name: string;
  readonly json?: boolean;
}

export function passwordRevoke(): Command {
  return new Command("revoke")
    .description("Revokes one local password. The sign-in and the other passwords stay.")
    .argument("<email>")
    .requiredOption("--name <name>", "the password's name, as in: postern password list EMAIL")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  postern password revoke alice@example.org --name scanner")
    .action((email: string, options: Options) =>
      run(
        options,
        async () => {
          await (await daemon()).call("password.revoke", { email, name: options.name });
          print(options, { revoked: options.name }, `Revoked ${options.name}: it no longer opens ${email}.`);
          return undefined;
        },
        email,
      ),
    );
}
