// Where a mail program reaches an account on this machine, and by which name. Pure: from what the control API tells.
import type { AccountView, Snapshot } from "../control/contract.ts";
import type { Protocol, Setup } from "./program.ts";

export interface LocalServer {
  readonly host: string;
  readonly port: number;
}

export interface LocalAccess {
  readonly email: string;
  /** The address, or the short name for devices that cannot type an `@`. */
  readonly userName: string;
  /** Undefined while Postern does not listen for it. */
  readonly imap: LocalServer | undefined;
  readonly smtp: LocalServer | undefined;
}

export type Listener = Snapshot["listeners"][number];

export function localAccess(
  account: Pick<AccountView, "email" | "localUser">,
  listeners: readonly Listener[],
  setup: Setup,
): LocalAccess {
  const { email, localUser } = account;
  return {
    email,
    userName: setup === "scanner" ? (localUser ?? email) : email,
    imap: findServer(listeners, "imap"),
    smtp: findServer(listeners, "smtp"),
  };
}

/** IPv4 first: more programs take it. */
function findServer(listeners: readonly Listener[], protocol: Protocol): LocalServer | undefined {
  const servers = listeners
    .filter((listener) => listener.protocol === protocol && listener.state === "listening")
    .flatMap(({ address, port }) => (port === undefined ? [] : [{ host: address, port }]));
  return servers.find(({ host }) => !host.includes(":")) ?? servers[0];
}
