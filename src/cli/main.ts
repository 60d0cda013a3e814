#!/usr/bin/env node
// The `postern` program: the daemon (`postern serve`) and the commands that ask it things.
import { Command } from "commander";
import { VERSION } from "../installation/version.ts";
import { accountAdd } from "./account-add.ts";
import { accountConnect } from "./account-connect.ts";
import { accountList } from "./account-list.ts";
import { accountRemove } from "./account-remove.ts";
import { accountSet } from "./account-set.ts";
import { accountShow } from "./account-show.ts";
import { accountTest } from "./account-test.ts";
import { accountTrust } from "./account-trust.ts";
import { adminRegister } from "./admin-register.ts";
import { EXIT } from "./exit-code.ts";
import { login } from "./login.ts";
import { logout } from "./logout.ts";
import { passwordCreate } from "./password-create.ts";
import { passwordList } from "./password-list.ts";
import { passwordRevoke } from "./password-revoke.ts";
import { pause, resume } from "./pause.ts";
import { providerCheck } from "./provider-check.ts";
import { providerList } from "./provider-list.ts";
import { providerRegister } from "./provider-register.ts";
import { providerShow } from "./provider-show.ts";
import { requireNode } from "./require-node.ts";
import { serve } from "./serve.ts";
import { service } from "./service.ts";
import { settingsSet } from "./settings-set.ts";
import { settingsShow } from "./settings-show.ts";
import { status } from "./status.ts";
import { stop } from "./stop.ts";
import { token } from "./token.ts";
import { ui } from "./ui.ts";
import { watch } from "./watch.ts";

requireNode(process.versions.node);

const program = new Command("postern")
  .description(
    "The side door for mail programs that cannot speak OAuth: IMAP and SMTP on localhost with an ordinary password.",
  )
  .version(VERSION)
  .addHelpText(
    "after",
    `
The usual way:
  postern serve                                 start the daemon (leave it running)
  postern account add alice@example.org        find out where the mailbox is (see --help for more)
  postern login alice@example.org              sign in once, in your browser
  postern password create alice@example.org --name thunderbird
                                                a password for your mail program

Environment:
  POSTERN_HOME               the folder for all of Postern's files
  POSTERN_KEYCHAIN=file      keep sign-ins in an encrypted file …
  POSTERN_KEYCHAIN_KEY_FILE  … whose key is in this file (32 bytes or more)
  POSTERN_POLICY             an administrator's policy file, where the machine has none
  NODE_EXTRA_CA_CERTS        more certificate authorities to trust (PEM)

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not running (or runs already), 4 no such account or
  password (or exists already), 5 sign-in did not succeed, 6 needs attention (status --check),
  75 failed now but may work later, 78 configuration or keychain.`,
  );

program.addCommand(serve());
program.addCommand(stop());
program.addCommand(pause());
program.addCommand(resume());
program.addCommand(status());
program.addCommand(ui());
program.addCommand(watch());
program.addCommand(login());
program.addCommand(logout());
program.addCommand(token());

const account = new Command("account").description("Accounts: one for each mailbox.");
for (const command of [
  accountAdd(),
  accountList(),
  accountShow(),
  accountSet(),
  accountTest(),
  accountConnect(),
  accountTrust(),
  accountRemove(),
]) {
  account.addCommand(command);
}
program.addCommand(account);

const password = new Command("password").description(
  "Local passwords: what your mail programs log in with, here only.",
);
for (const command of [passwordCreate(), passwordList(), passwordRevoke()]) password.addCommand(command);
program.addCommand(password);

const provider = new Command("provider").description(
  "Providers: what Postern knows of them, and the way to a client id.",
);
for (const command of [providerList(), providerShow(), providerCheck(), providerRegister()]) {
  provider.addCommand(command);
}
program.addCommand(provider);

const admin = new Command("admin").description("For administrators: once for everybody.");
admin.addCommand(adminRegister());
program.addCommand(admin);

const settings = new Command("settings").description("Settings of the daemon.");
for (const command of [settingsShow(), settingsSet()]) settings.addCommand(command);
program.addCommand(settings);
program.addCommand(service());

for (const command of allCommands(program)) {
  command.showHelpAfterError(`(with --help it shows an example)`);
  command.exitOverride((error) => {
    process.exit(error.exitCode === 0 ? EXIT.done : EXIT.usage);
  });
}
// Not awaited: the single executable is CommonJS, where a module cannot wait. Each command handles its own failures.
void program.parseAsync();

function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)];
}
