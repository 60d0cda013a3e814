// The daemon behind the tray, on a clock that the test moves: attached to or started, back after it ends, never two.
import { describe, expect, test } from "vitest";
import { type DaemonChild, runDaemonProcess } from "../../../electron/daemon-process.ts";
import type { ControlClient } from "../../../src/control/client.ts";
import { createFakeClock, settle } from "../../support/fake-clock.ts";

/** A machine on which at most one daemon can run. */
function createMachine() {
  const clock = createFakeClock();
  const away: (string | undefined)[] = [];
  const starts: number[] = [];
  const stops: string[] = [];
  let running: { end(): void } | undefined;
  let next: "works" | "fails" | "runs-already" = "works";
  let stopWorks = true;

  function client(ended: Promise<void>): ControlClient {
    return {
      processId: 1,
      async *events(signal?: AbortSignal) {
        yield await Promise.resolve({ kind: "account-removed", email: "x" } as const);
        const aborted = new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve()));
        await Promise.race([ended, aborted]);
      },
      async call(method: string) {
        stops.push(method);
        if (stopWorks) running?.end();
        return {};
      },
    } as unknown as ControlClient;
  }
  let current: ControlClient | undefined;
  function runOne(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    current = client(promise);
    const mine = {
      end() {
        if (running === mine) {
          running = undefined;
          current = undefined;
        }
        resolve();
      },
    };
    running = mine;
    return promise;
  }

  function start(): DaemonChild {
    starts.push(clock.monotonic());
    expect(running, "there are never two").toBeUndefined();
    const lastWords = () => "It does not work.";
    if (next !== "works") {
      const code = next === "fails" ? 78 : 3;
      return { ready: new Promise(() => {}), ended: Promise.resolve(code), kill: () => {}, lastWords };
    }
    const ended = runOne();
    return {
      ready: Promise.resolve(),
      ended: ended.then(() => undefined),
      kill(signal) {
        stops.push(signal);
        if (signal === "SIGKILL" || stopWorks) running?.end();
      },
      lastWords,
    };
  }

  const daemon = () =>
    runDaemonProcess({
      async connect() {
        if (current === undefined) throw new Error("none");
        return current;
      },
      start,
      clock,
      onEvent: () => {},
      onAway: (reason) => void away.push(reason),
    });
  return {
    clock,
    away,
    starts,
    stops,
    daemon,
    runForeign: () => void runOne(),
    end: () => running?.end(),
    isRunning: () => running !== undefined,
    nextStart(outcome: typeof next) {
      next = outcome;
    },
    ignoreStop() {
      stopWorks = false;
    },
  };
}

describe("the daemon behind the tray", () => {
  test("one that runs is used and left running; stopping ends only one that was started here", async () => {
    const foreign = createMachine();
    foreign.runForeign();
    const attached = foreign.daemon();
    await settle();
    await attached.stop();
    expect(foreign).toMatchObject({ starts: [], stops: [] });
    expect(foreign.isRunning()).toBe(true);

    const own = createMachine();
    const started = own.daemon();
    await settle();
    await started.stop();
    expect(own.starts).toHaveLength(1);
    expect(own.stops).toEqual(["stop"]);
    expect(own.isRunning()).toBe(false);
  });

  test("is there again within a second of its end; each further end costs more patience, up to half a minute", async () => {
    const { clock, starts, daemon, end } = createMachine();
    const running = daemon();
    await settle();
    const pauses: number[] = [];
    for (let time = 0; time < 9; time++) {
      const ended = clock.monotonic();
      end();
      const before = starts.length;
      while (starts.length === before) await clock.advance(50);
      pauses.push((starts.at(-1) ?? 0) - ended);
    }
    expect(pauses[0]).toBeLessThan(1000);
    expect(pauses).toEqual([...pauses].sort((left, right) => left - right));
    expect(pauses.at(-1)).toBe(30_000);

    // After a quiet minute it is a new matter.
    await clock.advance(61_000);
    const before = starts.length;
    end();
    await clock.advance(1000);
    expect(starts.length).toBe(before + 1);
    await running.stop();
  });

  test("what keeps it from starting is told, and it is tried again", async () => {
    const { clock, away, daemon, nextStart, isRunning } = createMachine();
    nextStart("fails");
    const running = daemon();
    await clock.advance(2000);
    expect(away).toContain("It does not work.");
    nextStart("works");
    await clock.advance(10_000);
    expect(isRunning()).toBe(true);
    await running.stop();
  });

  test("one that another process has just started is attached to, without a word", async () => {
    const { clock, away, starts, daemon, nextStart, runForeign } = createMachine();
    nextStart("runs-already");
    const running = daemon();
    await settle();
    runForeign();
    await clock.advance(1000);
    expect(starts).toHaveLength(1);
    expect(away).toEqual([undefined]);
    await running.stop();
  });

  test("a service has time to start its own again, before one is started here", async () => {
    const { clock, starts, daemon, runForeign, end } = createMachine();
    runForeign();
    const running = daemon();
    await settle();
    end();
    await clock.advance(1000);
    runForeign();
    await clock.advance(5000);
    expect(starts).toEqual([]);
    end();
    await clock.advance(3000);
    expect(starts).toHaveLength(1);
    await running.stop();
  });

  test("one that does not end when it is told to is killed", async () => {
    const { clock, stops, daemon, ignoreStop, isRunning } = createMachine();
    const running = daemon();
    await settle();
    ignoreStop();
    const stopped = running.stop();
    await clock.advance(20_000);
    await stopped;
    expect(stops).toEqual(["stop", "SIGKILL"]);
    expect(isRunning()).toBe(false);
  });
});
