// `postern login`: one sign-in in the system browser, waited for.
import { Command } from "commander";
import { daemon } from "./daemon.ts";
import { openBrowser } from "./open-browser.ts";
import { note, print, run } from "./output.ts";

interface Options {
  readonly open: boolean;
  readonly anyIdentity?: boolean;
  readonly json?: boolean;
}

export function login(): Command {
  return new Command("login")
    .description("Signs in at the provider, in your browser, and waits until that is done.")
    .argument("<email>")
    .option("--no-open", "do not open a browser; print the address alone on the first line")
    .option("--any-identity", "accept a sign-in under another address than the account's (an alias)")
    .option("--json", "print JSON: first the address, then the outcome")
    .addHelpText(
      "after",
      `
The browser must run on this machine: the provider sends it back to an address of 127.0.0.1.
Ctrl-C gives up. Nothing is lost by a sign-in that was not finished.

Examples:
  postern login alice@example.org
  postern login alice@example.org --no-open`,
    )
    .action((email: string, options: Options) => run(options, () => signIn(email, options)));
}

async function signIn(email: string, options: Options): Promise<undefined> {
  const client = await daemon();
  const { attemptId, authorizationUrl } = await client.call("sign-in.start", {
    email,
    anyIdentity: options.anyIdentity ?? false,
  });
  if (!options.open || options.json) print(options, { authorizationUrl }, authorizationUrl);
  if (options.open) {
    const opened = await openBrowser(authorizationUrl);
    if (opened) note("Your browser should open now. Sign in there; this command waits.");
    else note(`No browser could be started. Open this address in one on this machine:\n${authorizationUrl}`);
  } else {
    note("Open this address in a browser on this machine; this command waits until you have signed in.");
  }
  await client.call("sign-in.wait", { attemptId });
  print(
    options,
    { signedIn: email },
    `Signed in to ${email}. Next, a password for your mail program: postern password create ${email} --name NAME`,
  );
  return undefined;
}
