// `postern watch`: what happens, as it happens: lines for people, or the control API's events for a person's own script.
import { setTimeout } from "node:timers/promises";
import { Command } from "commander";
import type { ControlClient } from "../control/client.ts";
import type { ControlEvent } from "../control/contract.ts";
import { PosternError, systemCode, toPosternError } from "../errors/postern-error.ts";
import { daemon } from "./daemon.ts";
import { createTeller } from "./event-lines.ts";
import { note, run } from "./output.ts";

interface Options {
  readonly account?: string;
  readonly json?: boolean;
}

/** Between two tries to reach a daemon that is away, in milliseconds. */
const RECONNECT = 1000;

export function watch(): Command {
  return new Command("watch")
    .description("Shows what happens, as it happens, until Ctrl-C. Waits where the daemon restarts.")
    .option("--account <email>", "only this account, and Postern itself")
    .option(
      "--json",
      "print each event as one line of JSON; the first, and each after a restart, is a snapshot",
    )
    .addHelpText(
      "after",
      `
● well   ▲ needs you   ○ passes by itself   ■ refused

Examples:
  postern watch
  postern watch --json | jq --unbuffered -r 'select(.kind == "account") | .account.status.sentence'`,
    )
    .action((options: Options) =>
      run(
        options,
        async () => {
          const readerGone = new AbortController();
          // Told to whoever writes; without a listener it would end the process.
          process.stdout.on("error", () => {});
          await watchDaemon(options, {
            connect: daemon,
            write: (line) => writeLine(line, readerGone),
            note,
            now: Date.now,
            pause: () => setTimeout(RECONNECT, undefined, { signal: readerGone.signal }).catch(() => {}),
            signal: readerGone.signal,
          });
          return undefined;
        },
        options.account,
      ),
    );
}

type WatchClient = Pick<ControlClient, "call" | "events">;

export interface WatchParts {
  connect(): Promise<WatchClient>;
  /** Resolves when the next line may be written. */
  write(line: string): Promise<void>;
  note(text: string): void;
  now(): number;
  /** Between two tries to reach a daemon that is away. */
  pause(): Promise<void>;
  /** Ends the watching. */
  readonly signal: AbortSignal;
}

/** @throws PosternError `daemon-not-running` when it is not running at the start; `account-unknown` */
export async function watchDaemon(options: Options, parts: WatchParts): Promise<void> {
  let client: WatchClient | undefined = await parts.connect();
  // The daemon knows which account is meant, however it is written.
  const email =
    options.account === undefined
      ? undefined
      : (await client.call("account.show", { email: options.account })).email;
  const toLines = options.json ? (event: ControlEvent) => [JSON.stringify(event)] : createTeller(parts.now);

  while (client !== undefined) {
    try {
      for await (const event of client.events(parts.signal)) {
        const wanted = email === undefined ? event : onlyAbout(email, event);
        for (const line of wanted === undefined ? [] : toLines(wanted)) await parts.write(line);
      }
    } catch (thrown) {
      // It ended again before it could tell anything.
      if (toPosternError(thrown).code !== "daemon-not-running") throw thrown;
    }
    if (parts.signal.aborted) return;
    if (!options.json) parts.note("Postern has gone away; this command waits until it is back.");
    client = await reconnect(parts);
    if (!options.json && client !== undefined) parts.note("Postern is back.");
  }
}

/**
 * Tries until the daemon is there. While it starts, its file may still name the former secret: no reason to give up.
 * @returns undefined when the watching is over
 */
async function reconnect({ connect, pause, signal }: WatchParts): Promise<WatchClient | undefined> {
  while (!signal.aborted) {
    await pause();
    try {
      return await connect();
    } catch (thrown) {
      if (!(thrown instanceof PosternError)) throw thrown;
    }
  }
  return undefined;
}

/** The event as far as it is about one account or about Postern itself. */
function onlyAbout(email: string, event: ControlEvent): ControlEvent | undefined {
  switch (event.kind) {
    case "snapshot": {
      const { accounts, connections, activity } = event.snapshot;
      return {
        ...event,
        snapshot: {
          ...event.snapshot,
          accounts: accounts.filter((one) => one.email === email),
          connections: connections.filter(({ account }) => account === email),
          activity: activity.filter(({ account }) => account === email),
        },
      };
    }
    case "account":
      return event.account.email === email ? event : undefined;
    case "account-removed":
      return event.email === email ? event : undefined;
    case "activity":
      return event.activity.account === email ? event : undefined;
    case "connection":
      return event.connection.account === email ? event : undefined;
    case "machine":
    case "listener":
      return event;
  }
}

/** Waits for a slow reader of standard output; one that has gone (`| head`) ends the command, and is no failure. */
function writeLine(line: string, readerGone: AbortController): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(`${line}\n`, (error) => {
      if (!error) resolve();
      else if (systemCode(error) === "EPIPE") {
        readerGone.abort();
        resolve();
      } else reject(error);
    });
  });
}
