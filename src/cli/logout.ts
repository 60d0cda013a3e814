// `postern logout`: forgets a sign-in here, and tells the provider where that is asked for.
import { Command } from "commander";
import { confirm, isInteractive } from "./ask.ts";
import { daemon } from "./daemon.ts";
import { EXIT } from "./exit-code.ts";
import { LEFT_IN_KEYCHAIN, note, type OutputOptions, print, run, wrongUsage } from "./output.ts";

interface Options extends OutputOptions {
  readonly revoke?: boolean;
  readonly yes?: boolean;
}

const WARNING =
  "Some providers then sign out every machine and program that uses the same client id, not only this one.";

const OUTCOMES = {
  "not-asked": "",
  done: " The provider has revoked it too.",
  "not-offered":
    " The provider offers no way to revoke it from here: remove Postern's access in your account page there.",
  "nothing-to-revoke": " There was nothing to revoke.",
  failed: " The provider could not be told: remove Postern's access in your account page there.",
} as const;

export function logout(): Command {
  return new Command("logout")
    .description("Forgets the sign-in on this machine; the account and its local passwords stay.")
    .argument("<email>")
    .option("--revoke", "also tell the provider to revoke it")
    .option("-y, --yes", "with --revoke: do not ask")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `
With --revoke: ${WARNING}

Examples:
  postern logout alice@example.org
  postern logout alice@example.org --revoke`,
    )
    .action((email: string, options: Options) => run(options, () => signOut(email, options), email));
}

async function signOut(email: string, options: Options): Promise<number> {
  const revoke = options.revoke ?? false;
  if (revoke && !options.yes) {
    if (!isInteractive()) throw wrongUsage(`${WARNING} To go on, add --yes`);
    note(WARNING);
    if (!(await confirm(`Sign out of ${email} and revoke it at the provider?`))) {
      note("Nothing was changed.");
      return EXIT.signIn;
    }
  }
  const result = await (await daemon()).call("account.sign-out", { email, revoke });
  print(
    options,
    { signedOut: email, ...result },
    `Signed out of ${email} on this machine.${OUTCOMES[result.revocation]}${result.leftInKeychain ? LEFT_IN_KEYCHAIN : ""}`,
  );
  if (result.failure !== undefined && !options.json)
    note(`${result.failure.sentence} ${result.failure.detail ?? ""}`);
  return result.revocation === "failed" ? EXIT.temporary : EXIT.done;
}
