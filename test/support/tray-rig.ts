// The tray app as it runs, with Electron's stand-in in Electron's place: the real daemon, the real page, a real clock.
// Invariant: `close` leaves no process behind.
import { resolve } from "node:path";
import { spawnDaemon } from "../../electron/spawn-daemon.ts";
import { startTrayApp } from "../../electron/tray-app.ts";
import { systemClock } from "../../src/clock/clock.ts";
import { type ControlClient, connectToDaemon } from "../../src/control/client.ts";
import { createFolderFiles } from "../../src/page/page-files.ts";
import { createElectronStandIn, type ElectronStandIn, type StandInOptions } from "./electron-stand-in.ts";
import { PROGRAM } from "./postern.ts";

const PAGE = resolve(import.meta.dirname, "../../dist/page");

export interface TrayRig extends ElectronStandIn {
  connect(): Promise<ControlClient>;
  /** How often a daemon was started. */
  readonly starts: number;
}

export interface TrayRigOptions extends StandInOptions {
  /** With POSTERN_HOME in it. */
  readonly env: NodeJS.ProcessEnv;
  readonly argv?: readonly string[];
  readonly hasTray?: boolean;
}

export async function startTrayRig(options: TrayRigOptions): Promise<TrayRig> {
  const { env, argv = [], hasTray = true } = options;
  const electron = await createElectronStandIn(options);
  let starts = 0;
  const connect = () => connectToDaemon(`${env.POSTERN_HOME}/control.json`);
  await startTrayApp({
    electron: electron.parts,
    clock: systemClock,
    platform: "linux",
    env,
    argv,
    execPath: process.execPath,
    connect,
    startDaemon() {
      starts += 1;
      const ports = ["--imap-port", "0", "--smtp-port", "0", "--log-level", "silent"];
      return spawnDaemon([process.execPath, PROGRAM, "serve", ...ports], env);
    },
    page: createFolderFiles(PAGE),
    preload: "preload.cjs",
    iconFile: (icon) => icon,
    hasTray: async () => hasTray,
    hasUpdateFeed: false,
    loadUpdater: async () => {
      throw new Error("a clone has nothing to update");
    },
  });
  return Object.defineProperties(
    { connect, starts, close: closeAll },
    {
      ...Object.getOwnPropertyDescriptors(electron),
      close: { value: closeAll },
      starts: { get: () => starts },
    },
  ) as TrayRig;

  async function closeAll(): Promise<void> {
    electron.quit();
    if (!options.isSecond) await electron.quitted;
    await electron.close();
  }
}
