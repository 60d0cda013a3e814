// The daemon's state as its fronts see it.
import type { Account } from "../account/account.ts";
import { type AccountStatus, accountStatus } from "../account/status.ts";
import type { Clock } from "../clock/clock.ts";
import type { AccountView, Snapshot } from "../control/contract.ts";
import { toPosternError } from "../errors/postern-error.ts";
import { VERSION } from "../installation/version.ts";
import type { Listener } from "../proxy/listener.ts";
import { accountsOf } from "./config/config.ts";
import type { Daemon } from "./create-daemon.ts";

export async function takeSnapshot(daemon: Daemon): Promise<Snapshot> {
  const { config, state, home } = daemon.parts;
  return {
    version: VERSION,
    processId: process.pid,
    startedAt: daemon.startedAt,
    home: home.folder,
    keychain: await viewKeychain(daemon),
    listeners: daemon.proxy.listeners().map(viewListener),
    accounts: await Promise.all(accountsOf(config.current()).map((account) => viewAccount(daemon, account))),
    notices: [["Configuration", config.damage] as const, ["State", state.damage] as const].flatMap(
      ([what, damage]) =>
        damage === undefined
          ? []
          : [
              `${what} damaged (${damage.reason}): kept as ${damage.keptAs}; started ${
                damage.startedWith === "last-good" ? "with the last good copy" : "with an empty one"
              }.`,
            ],
    ),
  };
}

export async function viewAccount(daemon: Daemon, account: Account): Promise<AccountView> {
  const token = await daemon.broker.look(account.id).catch(toPosternError);
  const { clock } = daemon.parts;
  const outage = daemon.outages.current(account);
  const status = accountStatus({
    token,
    mail: outage && {
      error: outage.error,
      retryAt: outage.retryAt > clock.monotonic() ? outage.retryAt : undefined,
    },
  });
  const active = !(token instanceof Error) && token.state.kind === "active" ? token.state : undefined;
  return {
    ...account,
    status: viewStatus(status, clock),
    ...(active === undefined ? {} : { accessTokenExpiresAt: active.expiresAt }),
    signInsWaiting: daemon.signIns.waiting(account.id),
    sessions: daemon.proxy.sessions(account.id),
  };
}

function viewStatus(
  { kind, sentence, code, action, detail, retryAt }: AccountStatus,
  clock: Clock,
): AccountView["status"] {
  return {
    kind,
    sentence,
    ...(code === undefined ? {} : { code }),
    ...(action === undefined ? {} : { action }),
    ...(detail === undefined ? {} : { detail }),
    // People and scripts read the wall clock.
    ...(retryAt === undefined ? {} : { retryAt: clock.now() + retryAt - clock.monotonic() }),
  };
}

async function viewKeychain(daemon: Daemon): Promise<Snapshot["keychain"]> {
  const { keychain } = daemon.parts;
  const failure = await keychain.check().then(() => undefined, toPosternError);
  if (failure === undefined) return { kind: keychain.kind, ready: true, sentence: "Ready." };
  return {
    kind: keychain.kind,
    ready: false,
    code: failure.code,
    sentence: failure.entry.sentence,
    action: failure.entry.action,
    ...(failure.detail === undefined ? {} : { detail: failure.detail }),
  };
}

export function viewListener(listener: Listener): Snapshot["listeners"][number] {
  const state = listener.state();
  return {
    protocol: listener.protocol,
    address: listener.address,
    state: state.kind,
    ...("port" in state ? { port: state.port } : {}),
    ...("reason" in state ? { reason: state.reason } : {}),
  };
}
