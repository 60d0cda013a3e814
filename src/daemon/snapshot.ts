// The daemon's state as its fronts see it.
import type { Account } from "../account/account.ts";
import { type AccountStatus, accountStatus } from "../account/status.ts";
import type { Clock } from "../clock/clock.ts";
import type { AccountView, Machine, SettingsView, Snapshot } from "../control/contract.ts";
import { proxySchema } from "../control/settings-shapes.ts";
import { type PosternError, toPosternError } from "../errors/postern-error.ts";
import { VERSION } from "../installation/version.ts";
import { describeMissing } from "../oauth/client/granted-scope.ts";
import type { TokenReport } from "../oauth/token/broker.ts";
import type { Listener, ListenerState } from "../proxy/listener.ts";
import type { MailProtocol } from "../proxy/outages.ts";
import type { Damage } from "../storage/document.ts";
import { authorities } from "./authorities.ts";
import { accountsOf, type Settings } from "./config/config.ts";
import type { Daemon } from "./create-daemon.ts";
import type { PasswordRecord } from "./password-book.ts";
import { describeUnknown, forbidden, viewPolicy } from "./policy-rules.ts";
import { hostsChanged as describeChange } from "./trusted-hosts.ts";

export async function takeSnapshot(daemon: Daemon): Promise<Snapshot> {
  const { config, home } = daemon.parts;
  return {
    ...(await viewMachine(daemon)),
    version: VERSION,
    processId: process.pid,
    startedAt: daemon.startedAt,
    home: home.folder,
    listeners: daemon.proxy.listeners().map(viewListener),
    accounts: await Promise.all(accountsOf(config.current()).map((account) => viewAccount(daemon, account))),
    connections: [...daemon.connections.views()],
    activity: [...daemon.events.recentActivity()],
  };
}

/** What is true of Postern itself. */
export async function viewMachine(daemon: Daemon): Promise<Machine> {
  const { config, state } = daemon.parts;
  const inForce = daemon.parts.policy.current();
  const policy = viewPolicy(inForce);
  return {
    paused: daemon.proxy.isPaused(),
    keychain: await viewKeychain(daemon),
    ...(policy === undefined ? {} : { policy }),
    settings: viewSettings(daemon.settingsInForce.current()),
    notices: [
      ...describeDamage("Configuration", config.damage),
      ...describeDamage("State", state.damage),
      ...describeClock(daemon.servers.clockSkew()),
      ...describeAuthorities(authorities.systemFailure()),
      ...describeAuthorityFile(daemon.settingsInForce.authorityProblem()),
      ...describeUnknown(inForce),
    ],
  };
}

/** A proxy that was written into the file by hand may be none, and may have a password in it: it is not shown. */
export function viewSettings(settings: Settings): SettingsView {
  const shown = (proxy: string): string =>
    proxySchema.safeParse(proxy).success ? proxy : "not valid; set it again";
  return { ...settings, signInProxy: shown(settings.signInProxy), mailProxy: shown(settings.mailProxy) };
}

function describeDamage(what: string, damage: Damage | undefined): readonly string[] {
  if (damage === undefined) return [];
  const start = damage.startedWith === "last-good" ? "with the last good copy" : "with an empty one";
  return [`${what} damaged (${damage.reason}): kept as ${damage.keptAs}; started ${start}.`];
}

function describeAuthorities(failure: string | undefined): readonly string[] {
  if (failure === undefined) return [];
  return [`The system's certificate authorities are not trusted (${failure}); Node's own are.`];
}

function describeAuthorityFile(problem: PosternError | undefined): readonly string[] {
  return problem === undefined ? [] : [`${problem.message}. ${problem.action}`];
}

/** Seconds that a clock may be wrong before anybody refuses what it dates. */
const CLOCK_TOLERANCE = 120;

/** A wrong clock breaks certificates and sign-ins in ways that nobody takes for a clock. */
function describeClock(skew: { seconds: number; host: string } | undefined): readonly string[] {
  if (skew === undefined || Math.abs(skew.seconds) < CLOCK_TOLERANCE) return [];
  const minutes = Math.round(Math.abs(skew.seconds) / 60);
  const amount = minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
  const direction = skew.seconds > 0 ? "slow" : "fast";
  return [
    `The clock of this machine is ${amount} ${direction}, measured at ${skew.host}. Postern allows for it; certificates may not: set the clock.`,
  ];
}

/** Of an account that nobody has signed in to, whatever may still lie in the keychain. */
const SIGNED_OUT: TokenReport = {
  state: { kind: "signed-out", reason: "signed-out" },
  outage: undefined,
  unsaved: false,
};

export async function viewAccount(daemon: Daemon, account: Account): Promise<AccountView> {
  const source = account.kind === "oauth" ? daemon.broker : daemon.upstreamPasswords;
  const signIn = daemon.parts.state.current().signIns[account.id];
  const looked = await source.look(account.id).catch(toPosternError);
  const known = signIn === undefined && !(looked instanceof Error) ? SIGNED_OUT : looked;
  const { clock } = daemon.parts;
  // Without a network of its own the machine says nothing about anybody's servers.
  const isTold = (error: PosternError): boolean =>
    error.entry.category !== "network" || !daemon.machine.isAway();
  const token =
    known instanceof Error || known.outage === undefined || isTold(known.outage.error)
      ? known
      : { ...known, outage: undefined };
  const failing = daemon.outages.current(account);
  const outage = failing !== undefined && isTold(failing.error) ? failing : undefined;
  const status = accountStatus({
    token,
    heldBack: await heldBack(daemon, account),
    mail: outage && {
      error: outage.error,
      retryAt: outage.retryAt > clock.monotonic() ? outage.retryAt : undefined,
    },
  });
  const active = !(token instanceof Error) && token.state.kind === "active" ? token.state : undefined;
  const hostsChanged = await daemon.trustedHosts.change(account).catch(() => undefined);
  return {
    ...account,
    status: viewStatus(status, clock),
    notices: [...describeMissing(signIn?.missingScopes ?? [])],
    ...(signIn?.identity === undefined ? {} : { identity: signIn.identity }),
    ...(hostsChanged === undefined
      ? {}
      : { hostsChanged: { trusted: [...hostsChanged.trusted], now: [...hostsChanged.now] } }),
    ...(active === undefined ? {} : { accessTokenExpiresAt: active.expiresAt }),
    signInsWaiting: daemon.signIns.waiting(account.id),
    sessions: daemon.proxy.sessions(account.id),
    passwords: viewPasswords(daemon.passwords.of(account.id)),
  };
}

export function viewPasswords(records: readonly PasswordRecord[]): AccountView["passwords"] {
  return records.map(({ name, createdAt, lastUsedAt }) => ({
    name,
    createdAt,
    ...(lastUsedAt === undefined ? {} : { lastUsedAt }),
  }));
}

/** What the keychain does not tell is for `token` to say. */
async function heldBack(daemon: Daemon, account: Account): Promise<PosternError | undefined> {
  const refusal = forbidden(daemon.parts.policy.current().policy, account);
  if (refusal !== undefined) return refusal;
  const changed = await daemon.trustedHosts.change(account).catch(() => undefined);
  return changed && describeChange(changed);
}

function viewStatus(
  { kind, sentence, code, action, detail, letter, retryAt }: AccountStatus,
  clock: Clock,
): AccountView["status"] {
  return {
    kind,
    sentence,
    ...(code === undefined ? {} : { code }),
    ...(action === undefined ? {} : { action }),
    ...(detail === undefined ? {} : { detail }),
    ...(letter === undefined ? {} : { letter }),
    // People and scripts read the wall clock.
    ...(retryAt === undefined ? {} : { retryAt: Math.round(clock.now() + retryAt - clock.monotonic()) }),
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
    sentence: failure.sentence,
    action: failure.action,
    ...(failure.detail === undefined ? {} : { detail: failure.detail }),
  };
}

export function viewListener(listener: Listener): Snapshot["listeners"][number] {
  return viewListenerState(listener.protocol, listener.address, listener.state());
}

export function viewListenerState(
  protocol: MailProtocol,
  address: string,
  state: ListenerState,
): Snapshot["listeners"][number] {
  return {
    protocol,
    address,
    state: state.kind,
    ...("port" in state ? { port: state.port } : {}),
    ...("reason" in state ? { reason: state.reason } : {}),
  };
}
