// `postern token`: an access token for a program that speaks XOAUTH2 itself (imapsync, vdirsyncer, mutt).
import { Command } from "commander";
import { daemon } from "./daemon.ts";
import { type OutputOptions, print, run } from "./output.ts";

export function token(): Command {
  return new Command("token")
    .description("Prints a fresh access token, for a program that logs in with OAuth itself.")
    .argument("<email>")
    .option("--json", "print JSON, with the time at which it ends")
    .addHelpText(
      "after",
      `
Off until you switch it on for the account, since whoever has the token reads and sends its mail.
Each token that is handed out is recorded (postern watch).

Examples:
  postern account set alice@example.org token-access on
  PassCmd "postern token alice@example.org"                   mbsync, with AuthMechs XOAUTH2
  imapsync --oauthaccesstoken1 "$(postern token alice@example.org)" …`,
    )
    .action((email: string, options: OutputOptions) =>
      run(
        options,
        async () => {
          const answer = await (await daemon()).call("token", { email });
          print(options, answer, answer.accessToken);
          return undefined;
        },
        email,
      ),
    );
}
