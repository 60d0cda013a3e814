// The daemon behind the tray: one that runs already is used, otherwise the `postern` program is started as a child; when
// either ends, it is there again soon. Invariants: never two: attaching is tried before starting, and nothing is started
// while a child lives; a daemon that somebody else started is left running when the tray app quits.
import { type Clock, wait, withDeadline } from "../src/clock/clock.ts";
import type { ControlClient } from "../src/control/client.ts";
import type { ControlEvent } from "../src/control/contract.ts";

/** A `postern serve` that was started here. */
export interface DaemonChild {
  /** When it says that it is ready; never, when it ends before. */
  readonly ready: Promise<void>;
  /** Its exit code; undefined when a signal ended it, or it could not be started at all. */
  readonly ended: Promise<number | undefined>;
  kill(signal: "SIGTERM" | "SIGKILL"): void;
  /** The last that it said about itself, for people. */
  lastWords(): string | undefined;
}

export interface DaemonProcessParts {
  /** @throws Error when no daemon answers */
  connect(): Promise<ControlClient>;
  start(): DaemonChild;
  readonly clock: Clock;
  onEvent(event: ControlEvent): void;
  /** It is not there; `reason` when it could not be started. */
  onAway(reason: string | undefined): void;
}

export interface DaemonProcess {
  /** The daemon as it is now. @throws Error when there is none at this moment */
  connect(): Promise<ControlClient>;
  /** Ends the daemon that was started here, and no other. */
  stop(): Promise<void>;
}

/** `postern serve`, when another one runs on the same home. */
const RUNS_ALREADY = 3;
/** In milliseconds. Between two tries to start it: the first is at once for whoever looks, the last is where it stays. */
const BACK_OFF = [250, 1000, 2000, 4000, 8000, 16_000, 30_000] as const;
/** After running as long as this its end begins a new count. */
const STEADY = 60_000;
/** How long whoever started it has to start it again (a service does), before it is started here. */
const SOMEBODY_ELSES_TURN = 1500;
const LOOK_AGAIN = 250;
const READY_WITHIN = 30_000;
/** `stop` answers at once; sessions in the middle of something then have ten seconds. */
const ANSWER_WITHIN = 2000;
const END_WITHIN = 12_000;

export function runDaemonProcess(parts: DaemonProcessParts): DaemonProcess {
  const { connect, clock } = parts;
  const over = new AbortController();
  let child: DaemonChild | undefined;

  /** A pause that the end cuts short. */
  const pause = (milliseconds: number): Promise<void> =>
    wait(clock, milliseconds, over.signal).catch(() => {});
  const attach = (): Promise<ControlClient | undefined> => connect().catch(() => undefined);

  async function start(): Promise<ControlClient | { readonly failure: string | undefined }> {
    const started = parts.start();
    child = started;
    const outcome = await withDeadline(
      clock,
      READY_WITHIN,
      Promise.race([
        started.ready.then(() => "ready" as const),
        started.ended.then((exitCode) => ({ exitCode })),
      ]),
      () => new Error("not ready in time"),
    ).catch(() => "late" as const);
    if (outcome === "late") await end(started);
    if (outcome !== "ready") child = undefined;
    const client = await attach();
    if (client !== undefined) return client;
    const expected = typeof outcome === "object" && outcome.exitCode === RUNS_ALREADY;
    return { failure: expected ? undefined : started.lastWords() };
  }

  /** Follows it to its end. */
  async function follow(client: ControlClient): Promise<void> {
    try {
      for await (const event of client.events(over.signal)) parts.onEvent(event);
    } catch {
      // It ended in the middle of something, or speaks another version's language: in both cases it is not there.
    }
  }

  /** Waits as long as it takes that nothing of the former one is left to be in the way of the next. */
  async function afterTheEnd(): Promise<ControlClient | undefined> {
    if (child !== undefined) {
      // The stream may end while the daemon goes on: it gives up a reader that is too slow.
      const still = await attach();
      if (still !== undefined) return still;
      await end(child);
      child = undefined;
      return undefined;
    }
    const until = clock.monotonic() + SOMEBODY_ELSES_TURN;
    while (clock.monotonic() < until && !over.signal.aborted) {
      const other = await attach();
      if (other !== undefined) return other;
      await pause(LOOK_AGAIN);
    }
    return undefined;
  }

  async function run(): Promise<void> {
    let failures = 0;
    let client = await attach();
    while (!over.signal.aborted) {
      const found = client ?? (await start());
      client = undefined;
      if ("failure" in found) {
        if (!over.signal.aborted) parts.onAway(found.failure);
      } else {
        const since = clock.monotonic();
        await follow(found);
        if (over.signal.aborted) return;
        parts.onAway(undefined);
        if (clock.monotonic() - since > STEADY) failures = 0;
        client = await afterTheEnd();
      }
      if (client !== undefined && failures === 0) continue;
      await pause(BACK_OFF[Math.min(failures, BACK_OFF.length - 1)] ?? 0);
      failures += 1;
      client ??= await attach();
    }
  }

  /** Waits for it to end, and sees to it that it does. */
  async function end(ending: DaemonChild): Promise<void> {
    await withDeadline(clock, END_WITHIN, ending.ended, () => new Error("still there")).catch(() => {
      ending.kill("SIGKILL");
      return ending.ended;
    });
  }

  const running = run();
  return {
    connect,
    async stop() {
      over.abort();
      const ours = child;
      if (ours !== undefined) {
        const asked = async (): Promise<unknown> => (await connect()).call("stop", {});
        await withDeadline(clock, ANSWER_WITHIN, asked(), () => new Error("no answer")).catch(() =>
          ours.kill("SIGTERM"),
        );
        await end(ours);
      }
      await running;
    },
  };
}
