// `postern password list`: the names of an account's local passwords, never the passwords.
import { Command } from "commander";
import { daemon } from "./daemon.ts";
import { type OutputOptions, print, relativeTime, run } from "./output.ts";

export function passwordList(): Command {
  return new Command("list")
    .description("Lists an account's local passwords by name.")
    .argument("<email>")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  postern password list alice@example.org")
    .action((email: string, options: OutputOptions) =>
      run(
        options,
        async () => {
          const { passwords } = await (await daemon()).call("password.list", { email });
          const now = Date.now();
          const lines = passwords.map(({ name, createdAt, lastUsedAt }) => {
            const used =
              lastUsedAt === undefined ? "never used" : `last used ${relativeTime(lastUsedAt, now)}`;
            return `${name}  made ${relativeTime(createdAt, now)}, ${used}`;
          });
          const none = `No local passwords yet. Make one: postern password create ${email} --name NAME`;
          print(options, { passwords }, lines.join("\n") || none);
          return undefined;
        },
        email,
      ),
    );
}
