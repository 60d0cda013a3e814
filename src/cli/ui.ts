// `postern ui`: the window in a browser. This process serves the page and passes on what it asks; the daemon itself opens no port
// for browsers, and may restart meanwhile.
import { isSea } from "node:sea";
import { Command, InvalidArgumentError, Option } from "commander";
import { systemClock } from "../clock/clock.ts";
import { assertNever } from "../errors/assert-never.ts";
import { PosternError } from "../errors/postern-error.ts";
import { locateHome } from "../installation/home.ts";
import { locatePage } from "../installation/page.ts";
import { watchForAbsence } from "../page/absence.ts";
import { startBrowserServer } from "../page/browser-server.ts";
import { createEntrySecret, ENTRY_TIME } from "../page/entry-secret.ts";
import { createExecutableFiles } from "../page/executable-files.ts";
import { createFolderFiles } from "../page/page-files.ts";
import { createPageHandler } from "../page/page-handler.ts";
import { daemon } from "./daemon.ts";
import { formatTunnelCommand, hasBrowser } from "./display.ts";
import { openLocalPage } from "./open-browser.ts";
import { note, type OutputOptions, print, run } from "./output.ts";
import { parsePort } from "./port.ts";
import { describeEnd, startDaemonIfNeeded } from "./served-daemon.ts";
import { type WindowLauncher, writeWindowLauncher } from "./window-launcher.ts";

interface Options extends OutputOptions {
  readonly open: boolean;
  readonly port: number;
  readonly serve?: boolean;
}

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
it ends with Ctrl-C, or ten minutes after the last page was closed. Your mail does not depend on it; but with --serve, where
it has started Postern, it stays until Ctrl-C, page or not.

Examples:
  postern ui
  postern ui --port 8401      with: ssh -L 8401:127.0.0.1:8401 this-machine`,
    )
    .action((options: Options) => run(options, () => serveWindow(options)));
}

async function serveWindow(options: Options): Promise<undefined> {
  const over = Promise.withResolvers<Ending>();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => over.resolve({ kind: "interrupted" }));
  }
  const served = options.serve ? await startDaemonIfNeeded() : undefined;
  void served?.ended.then((code) => over.resolve({ kind: "daemon-ended", code }));
  try {
    await daemon();
    report(await showWindow(options, over, served !== undefined), options);
  } finally {
    await served?.stop();
  }
  return undefined;
}

/** Why the window is over. */
type Ending =
  | { readonly kind: "interrupted" }
  | { readonly kind: "nobody-there" }
  | { readonly kind: "daemon-ended"; readonly code: number | null };

/** @throws PosternError `daemon-not-running` where that was not meant to be */
function report(ending: Ending, { json }: Options): void {
  switch (ending.kind) {
    case "interrupted":
      return;
    case "nobody-there":
      if (!json) note("The window has been closed for ten minutes.");
      return;
    case "daemon-ended":
      if (ending.code !== 0)
        throw new PosternError("daemon-not-running", { detail: describeEnd(ending.code) });
      if (!json) note("Postern has been stopped.");
      return;
    default:
      assertNever(ending);
  }
}

/** @param isMailsToo whether mail programs depend on this process: then it stays, with or without a page */
async function showWindow(
  options: Options,
  over: PromiseWithResolvers<Ending>,
  isMailsToo: boolean,
): Promise<Ending> {
  const entry = createEntrySecret(systemClock);
  const absence = isMailsToo
    ? undefined
    : watchForAbsence(systemClock, () => over.resolve({ kind: "nobody-there" }));
  let launcher: WindowLauncher | undefined;
  const server = await startBrowserServer({
    handle: createPageHandler({
      files: isSea() ? createExecutableFiles() : createFolderFiles(locatePage()),
      forward: async (path, body, signal) => (await daemon()).forward(path, body, signal),
    }),
    entry,
    port: options.port,
    onEntered: () => launcher?.remove(),
    onPages: (count) => absence?.pages(count),
  });
  const url = `http://127.0.0.1:${server.port}/#/open?secret=${entry.secret}`;
  try {
    const opens = options.open && hasBrowser(process.env, process.platform);
    print(options, { url }, opens ? addressToFallBackOn(url) : addressToOpen(url));
    if (isMailsToo && !options.json) {
      note("Postern goes on when you close the page, until Ctrl-C here. To see it again: postern ui");
    }
    if (opens) {
      launcher = await writeWindowLauncher(locateHome(process.env).folder, url);
      systemClock.schedule(ENTRY_TIME, launcher.remove);
      if (!(await openLocalPage(launcher.path))) note("No browser could be started here.");
    }
    return await over.promise;
  } finally {
    absence?.stop();
    launcher?.remove();
    await server.close();
  }
}

const addressToFallBackOn = (url: string): string =>
  `The window opens in your browser. If it does not, open this there:\n${url}`;

function addressToOpen(url: string): string {
  const tunnel =
    process.env.SSH_CONNECTION === undefined
      ? []
      : [
          "Your browser is on another machine: run this there first,",
          `  ${formatTunnelCommand(new URL(url).origin, process.env)}`,
        ];
  return [...tunnel, "Open this in your browser (it serves once, for two minutes):", url].join("\n");
}

function requirePort(text: string): number {
  const port = parsePort(text);
  if (port === undefined) throw new InvalidArgumentError("A port is a number from 0 to 65535.");
  return port;
}
