// `postern account remove`: forgets an account, its sign-in and its local passwords, here and now.
import { Command } from "commander";
import { daemon } from "./daemon.ts";
import { LEFT_IN_KEYCHAIN, type OutputOptions, print, run } from "./output.ts";

export function accountRemove(): Command {
  return new Command("remove")
    .description(
      "Removes an account with its sign-in and its local passwords. Does not wait for the network.",
    )
    .argument("<email>")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  postern account remove alice@example.org")
    .action((email: string, options: OutputOptions) =>
      run(
        options,
        async () => {
          const { leftInKeychain } = await (await daemon()).call("account.remove", { email });
          print(
            options,
            { removed: email, leftInKeychain },
            `Removed ${email}, its sign-in and its local passwords from this machine.${leftInKeychain ? LEFT_IN_KEYCHAIN : ""}`,
          );
          return undefined;
        },
        email,
      ),
    );
}
