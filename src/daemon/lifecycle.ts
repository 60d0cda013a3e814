// The daemon's life: lock, files, listeners, control server, and the orderly end.
// Invariant: what was opened is closed in reverse, also when the start fails half-way.
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import type { Server } from "node:http";
import { systemClock } from "../clock/clock.ts";
import { connectToDaemon } from "../control/client.ts";
import type { ControlFile, Snapshot } from "../control/contract.ts";
import { createControlSecret } from "../control/secret.ts";
import { createControlServer } from "../control/server.ts";
import { PosternError, systemCode, toPosternError } from "../errors/postern-error.ts";
import { locateHome } from "../installation/home.ts";
import { policyPaths } from "../installation/policy.ts";
import { openPolicy, type PolicySource } from "../policy/policy-source.ts";
import { writeDurably } from "../storage/durable-file.ts";
import { chooseKeychain } from "./choose-keychain.ts";
import { accountsOf, openConfig } from "./config/config.ts";
import { openState } from "./config/state.ts";
import { createControlHandlers } from "./control-handlers.ts";
import { createDaemon, type Daemon } from "./create-daemon.ts";
import { controlEndpoint, prepareHome, prepareLockFolder } from "./home.ts";
import { acquireInstanceLock } from "./instance-lock.ts";
import type { Log } from "./log.ts";
import { forbidden } from "./policy-rules.ts";
import { watchForSleep } from "./sleep-watch.ts";
import { viewListener } from "./snapshot.ts";

export interface RunningDaemon {
  readonly home: string;
  readonly controlEndpoint: string;
  readonly listeners: Snapshot["listeners"];
  /** Resolves when the daemon has ended, for whatever reason. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  /** Instead of the configured ones, but not of the policy's; 0 for any free port. */
  readonly ports: { readonly imap: number | undefined; readonly smtp: number | undefined };
}

/** How long the end may take for what could not be saved yet, in milliseconds. */
const LAST_SAVE = 5000;

/** @throws PosternError `daemon-runs-already`, `home-unusable`, `state-from-the-future` */
export async function startDaemon(options: StartOptions): Promise<RunningDaemon> {
  const { env, log } = options;
  const undo: (() => Promise<void>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of undo.reverse()) {
      await close().catch((error: unknown) => log.warn({ error }, "could not be closed"));
    }
  };
  try {
    process.umask(0o077);
    const home = locateHome(env);
    await prepareHome(home);
    const lock = await acquireInstanceLock(home.lock, () =>
      connectToDaemon(home.controlFile).then(
        () => true,
        () => false,
      ),
    );
    undo.push(() => lock.release());

    const config = await openConfig(home.config, systemClock);
    const state = await openState(home.state, systemClock);
    for (const { damage } of [config, state])
      if (damage !== undefined) log.error({ damage }, "a file was damaged");
    const policy = await openPolicy(policyPaths(env), systemClock);
    logPolicy(policy, log);

    const keychain = chooseKeychain({
      env,
      encryptedFile: home.keychainFile,
      clock: systemClock,
      holdsEntries: () =>
        Object.keys(state.current().signIns).length > 0 ||
        config.current().accounts.some((account) => account.kind === "oauth" && account.hasClientSecret),
    });
    // Not waited for: a keychain that hangs, or asks a person, must not keep the listeners from opening.
    keychain.check().catch((error: unknown) => log.warn({ error }, "the keychain is not ready"));
    const lockFolder = await prepareLockFolder().catch((error: unknown) => {
      // Somebody else's folder in the way costs the protection against a second home, not the mail.
      log.warn({ error }, "refreshes are locked within this home only");
      return home.journalFolder;
    });
    const daemon = createDaemon({
      home,
      lockFolder,
      config,
      state,
      keychain,
      clock: systemClock,
      log,
      env,
      policy,
      givenPorts: options.ports,
      random: Math.random,
    });
    undo.push(() => closeDaemon(daemon));
    await daemon.settingsInForce.follow();
    const authorityProblem = daemon.settingsInForce.authorityProblem();
    if (authorityProblem !== undefined) log.error({ error: authorityProblem }, "authority file");
    await daemon.proxy.open(daemon.settingsInForce.ports());
    const unwatch = policy.watch(() => followPolicy(daemon));
    undo.push(async () => unwatch());
    const unwatchSleep = watchForSleep(systemClock, () => daemon.machine.changed("resumed"));
    undo.push(async () => unwatchSleep());
    const listeners = daemon.proxy.listeners().map(viewListener);

    let stopping: Promise<void> | undefined;
    let end: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const stop = (): Promise<void> => {
      stopping ??= closeAll().then(end);
      return stopping;
    };
    const endpoint = await openControl(daemon, home.controlFile, () => void stop(), undo);
    return { home: home.folder, controlEndpoint: endpoint, listeners, ended, stop };
  } catch (thrown) {
    await closeAll();
    throw toPosternError(thrown);
  }
}

async function openControl(
  daemon: Daemon,
  controlFile: string,
  stop: () => void,
  undo: (() => Promise<void>)[],
): Promise<string> {
  const secret = createControlSecret();
  const endpoint = await controlEndpoint(daemon.parts.home, randomBytes(16).toString("hex"));
  const server = createControlServer(
    secret,
    createControlHandlers(daemon, stop),
    daemon.events,
    systemClock,
    (error) => daemon.parts.log.error({ error }, "a request failed in a way that Postern did not expect"),
  );
  // A person may take ten minutes in the browser before `sign-in.wait` is answered.
  server.requestTimeout = 0;
  // We hold the lock, so a socket that lies here belongs to a process that is gone.
  if (process.platform !== "win32") await rm(endpoint, { force: true });
  await listen(server, endpoint);
  undo.push(async () => {
    server.close();
    server.closeAllConnections();
  });
  const file: ControlFile = { endpoint, secret, processId: process.pid };
  await writeDurably(controlFile, `${JSON.stringify(file)}\n`);
  undo.push(() => rm(controlFile, { force: true }));
  return endpoint;
}

function listen(server: Server, endpoint: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.on("error", (thrown) =>
      reject(
        new PosternError("home-unusable", { detail: `${endpoint}: ${systemCode(thrown)}`, cause: thrown }),
      ),
    );
    server.listen(endpoint, resolve);
  });
}

/** What an administrator changes holds at once. */
async function followPolicy(daemon: Daemon): Promise<void> {
  const { policy, config, log } = daemon.parts;
  logPolicy(policy, log);
  try {
    await daemon.settingsInForce.follow();
  } catch (error) {
    log.error({ error }, "what the policy says could not be put in place");
  }
  for (const account of accountsOf(config.current())) {
    if (forbidden(policy.current().policy, account) !== undefined) daemon.proxy.closeSessions(account.id);
    daemon.events.accountChanged(account.id);
  }
  daemon.events.machineChanged();
}

function logPolicy(policy: PolicySource, log: Log): void {
  const { file } = policy.current();
  if (file.kind === "flawed")
    log.error({ path: file.path, problem: file.problem }, "the policy file cannot be used");
  else if (file.kind === "policy")
    log.info({ path: file.path, unknown: file.unknown }, "an administrator's policy holds");
}

async function closeDaemon(daemon: Daemon): Promise<void> {
  daemon.signIns.cancelAll();
  await daemon.proxy.close();
  await daemon.broker.close(LAST_SAVE);
  await daemon.passwords.flush();
}
