// `postern serve`: runs the daemon in the foreground until it is told to stop.
import { Command, InvalidArgumentError, Option } from "commander";
import type { LogLevel } from "../daemon/log.ts";
import { print, run } from "./output.ts";
import { parsePort } from "./port.ts";

interface Options {
  readonly imapPort?: number;
  readonly smtpPort?: number;
  readonly logLevel: LogLevel;
  readonly json?: boolean;
}

export function serve(): Command {
  return new Command("serve")
    .description("Runs the daemon: listens for mail programs and keeps the accounts signed in.")
    .addOption(
      new Option("--imap-port <port>", "instead of the configured one; 0 for any free port").argParser(
        parsePortOption,
      ),
    )
    .addOption(
      new Option("--smtp-port <port>", "instead of the configured one; 0 for any free port").argParser(
        parsePortOption,
      ),
    )
    .addOption(
      new Option("--log-level <level>", "what to log on standard error")
        .choices(["debug", "info", "warn", "error", "silent"])
        .default("info"),
    )
    .option("--json", "accepted for symmetry: the ready line is JSON anyway")
    .addHelpText(
      "after",
      `
When ready, one line of JSON goes to standard output: the listeners, each with its state. Logs go to standard error.
Stop it with Ctrl-C, SIGTERM, or: postern stop

Example:
  POSTERN_KEYCHAIN=file POSTERN_KEYCHAIN_KEY_FILE=~/.postern-key postern serve`,
    )
    .action((options: Options) => run(options, () => serveUntilStopped(options)));
}

async function serveUntilStopped(options: Options): Promise<undefined> {
  // The daemon is loaded only here: every other command is a small client.
  const [{ startDaemon }, { createLog }] = await Promise.all([
    import("../daemon/lifecycle.ts"),
    import("../daemon/log.ts"),
  ]);
  const log = createLog(options.logLevel);
  process.on("unhandledRejection", (error) =>
    log.error({ error }, "a promise failed that nobody waited for"),
  );
  const daemon = await startDaemon({
    env: process.env,
    log,
    ports: { imap: options.imapPort, smtp: options.smtpPort },
  });

  const stop = (): void => {
    // The second time it is meant: do not wait for anything.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.once(signal, () => process.exit(1));
    void daemon.stop();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, stop);

  print(
    { json: true },
    {
      ready: true,
      processId: process.pid,
      home: daemon.home,
      listeners: daemon.listeners,
      control: daemon.controlEndpoint,
    },
    "",
  );
  // Sockets and unref'd timers may be all that is left while the daemon ends; the end must still be waited for.
  const alive = setInterval(() => {}, 2 ** 30);
  await daemon.ended;
  clearInterval(alive);
  process.exit(0);
}

function parsePortOption(text: string): number {
  const port = parsePort(text);
  if (port === undefined) throw new InvalidArgumentError("A port is a number from 0 to 65535.");
  return port;
}
