// `postern ui`: the window in a browser. This process serves the page and passes on what it asks; the daemon itself opens no port
// for browsers, and may restart meanwhile.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { isSea } from "node:sea";
import { Command, InvalidArgumentError, Option } from "commander";
import { type Cancel, systemClock } from "../clock/clock.ts";
import { PosternError, toPosternError } from "../errors/postern-error.ts";
import { locateHome } from "../installation/home.ts";
import { locatePage } from "../installation/page.ts";
import { programCommand } from "../installation/program.ts";
import { startBrowserServer } from "../page/browser-server.ts";
import { createEntrySecret } from "../page/entry-secret.ts";
import { createExecutableFiles, createFolderFiles } from "../page/page-files.ts";
import { createPageHandler } from "../page/page-handler.ts";
import { daemon } from "./daemon.ts";
import { formatTunnelCommand, hasBrowser } from "./display.ts";
import { openLocalPage } from "./open-browser.ts";
import { note, type OutputOptions, print, run } from "./output.ts";
import { parsePort } from "./port.ts";
import { writeWindowLauncher } from "./window-launcher.ts";

interface Options extends OutputOptions {
  readonly open: boolean;
  readonly port: number;
  readonly serve?: boolean;
}

/** Milliseconds without a page after which nobody is taken to be there. */
const NOBODY_THERE = 600_000;

export function ui(): Command {
  return new Command("ui")
    .description("Opens the window in your browser: accounts, mail programs, what happens, settings.")
    .option("--no-open", "do not open a browser; only print the address")
    .addOption(
      new Option("--port <port>", "of 127.0.0.1, so that ssh -L can name it (default: any free one)")
        .argParser(requirePort)
        .default(0, "any free one"),
    )
    .option("--serve", "start Postern too, where it is not running, and stop it at the end")
    .option("--json", "print JSON: first the address")
    .addHelpText(
      "after",
      `
The address serves once and for two minutes: whoever has it can use the window. Leave the command running while you use it;
it ends with Ctrl-C, or ten minutes after the last page was closed. Your mail does not depend on it.

Examples:
  postern ui
  postern ui --port 8401      with: ssh -L 8401:127.0.0.1:8401 this-machine`,
    )
    .action((options: Options) => run(options, () => serveWindow(options)));
}

async function serveWindow(options: Options): Promise<undefined> {
  const served = options.serve ? await startDaemonIfNeeded() : undefined;
  try {
    await daemon();
    await showWindow(options, served);
  } finally {
    await stopServed(served);
  }
  return undefined;
}

async function showWindow(options: Options, served: ChildProcess | undefined): Promise<void> {
  const over = Promise.withResolvers<string>();
  const entry = createEntrySecret(systemClock);
  let cancelIdle: Cancel = () => {};
  const watchPages = (count: number): void => {
    cancelIdle();
    if (count > 0) return;
    cancelIdle = systemClock.schedule(NOBODY_THERE, () =>
      over.resolve("The window has been closed for ten minutes."),
    );
  };
  const entered = Promise.withResolvers<void>();
  const server = await startBrowserServer({
    handle: createPageHandler({
      files: isSea() ? createExecutableFiles() : createFolderFiles(locatePage()),
      forward: async (path, body, signal) => (await daemon()).forward(path, body, signal),
    }),
    entry,
    port: options.port,
    onEntered: entered.resolve,
    onPages: watchPages,
  });
  watchPages(0);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => over.resolve(""));
  served?.once("exit", () => over.resolve("Postern has ended."));
  try {
    await present(`http://127.0.0.1:${server.port}/#/open?secret=${entry.secret}`, options, entered.promise);
    const why = await whileAlive(over.promise);
    if (why !== "" && !options.json) note(why);
  } finally {
    cancelIdle();
    await server.close();
  }
}

/** Prints the address and leads a browser there; the launcher's file does not outlive the address. */
async function present(url: string, options: Options, entered: Promise<void>): Promise<void> {
  const opens = options.open && hasBrowser(process.env, process.platform);
  const text = opens
    ? `The window opens in your browser. If it does not, open this there:\n${url}`
    : addressFor(url);
  print(options, { url }, text);
  if (!opens) return;
  const launcher = await writeWindowLauncher(locateHome(process.env).folder, url);
  if (!(await openLocalPage(launcher.path))) note("No browser could be started here.");
  const late = new Promise<void>((resolve) => systemClock.schedule(120_000, resolve));
  void Promise.race([entered, late]).then(launcher.remove);
  process.once("exit", () => void launcher.remove());
}

function addressFor(url: string): string {
  const tunnel =
    process.env.SSH_CONNECTION === undefined
      ? []
      : [
          "Your browser is on another machine: run this there first,",
          `  ${formatTunnelCommand(new URL(url).origin, process.env)}`,
        ];
  return [...tunnel, "Open this in your browser (it serves once, for two minutes):", url].join("\n");
}

/** Sockets alone would not keep the process waiting for its own end. */
async function whileAlive<T>(ended: Promise<T>): Promise<T> {
  const alive = setInterval(() => {}, 2 ** 30);
  return ended.finally(() => clearInterval(alive));
}

/** Undefined where one runs already. @throws PosternError `daemon-not-running` when it does not start */
async function startDaemonIfNeeded(): Promise<ChildProcess | undefined> {
  const running = await daemon().then(
    () => true,
    () => false,
  );
  if (running) return undefined;
  const [program, ...words] = programCommand();
  const child = spawn(program, [...words, "serve", "--log-level", "warn"], {
    stdio: ["ignore", "pipe", "inherit"],
    windowsHide: true,
  });
  const ready = once(child.stdout, "data");
  const ended = once(child, "exit").then(([code]) => {
    throw new PosternError("daemon-not-running", { detail: `postern serve ended with ${code}` });
  });
  try {
    await Promise.race([ready, ended]);
  } catch (thrown) {
    throw toPosternError(thrown);
  }
  ended.catch(() => {});
  return child;
}

async function stopServed(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  // As `postern stop` does it; Windows has no SIGTERM that a process could hear.
  await daemon().then(
    (client) => client.call("stop", {}),
    () => child.kill(),
  );
  await ended;
}

function requirePort(text: string): number {
  const port = parsePort(text);
  if (port === undefined) throw new InvalidArgumentError("A port is a number from 0 to 65535.");
  return port;
}
