// Asks the daemon for the new account. THE SWITCH: while the contract's settings are of one kind, only accounts with OAuth
// can be asked for, and not with all that is known of them; once they are a union by `kind`, NewAccount is that union and
// `settingsForDaemon` goes.
import type { ControlClient } from "../control/client.ts";
import type { AccountView, Request } from "../control/contract.ts";
import { PosternError } from "../errors/postern-error.ts";
import type { NewAccount } from "./account-add-settings.ts";

export function addAccount(
  client: ControlClient,
  settings: NewAccount,
  clientSecret: string | undefined,
): Promise<AccountView> {
  return client.call("account.add", {
    settings: settingsForDaemon(settings),
    ...(clientSecret === undefined ? {} : { clientSecret }),
  });
}

function settingsForDaemon(settings: NewAccount): Request<"account.add">["settings"] {
  if (settings.kind === "password") {
    throw new PosternError("request-invalid", { detail: "this version keeps no passwords of providers yet" });
  }
  const {
    kind: _kind,
    provider: _provider,
    authorizationParameters: _parameters,
    verificationHosts: _hosts,
    ...flat
  } = settings;
  return flat;
}
