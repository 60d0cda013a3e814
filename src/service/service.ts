// Postern starts by itself where no tray app starts it: a systemd user unit, a launchd agent, a Run value of Windows.
// Invariants: it is the person's own, never the machine's; removing it stops nothing that runs; what is there is read from
// the system each time.
import { execFile } from "node:child_process";
import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PosternError, systemCode } from "../errors/postern-error.ts";
import { AGENT_LABEL, formatLaunchAgent } from "./launch-agent.ts";
import { type Environment, startCommand } from "./start-command.ts";
import { formatSystemdUnit, UNIT_NAME } from "./systemd-unit.ts";
import { formatRunValue, RUN_KEY, RUN_VALUE } from "./windows-logon.ts";

export interface ServiceState {
  readonly kind: "systemd-user" | "launch-agent" | "windows-logon" | "none";
  readonly installed: boolean;
  readonly path?: string;
  readonly notice?: string;
}

export interface Service {
  show(): Promise<ServiceState>;
  /** @param startNow also starts it: not where it runs already. @throws PosternError `service-failed` */
  install(startNow: boolean): Promise<ServiceState>;
  /** What runs now goes on. @throws PosternError `service-failed` */
  remove(): Promise<ServiceState>;
}

/** Gives what the program said, or undefined where there is no such program. Rejects where it failed. */
export type RunSystemProgram = (program: string, words: readonly string[]) => Promise<string | undefined>;

export interface ServiceParts {
  readonly platform: NodeJS.Platform;
  readonly env: Environment;
  readonly userHome: string;
  readonly userId: number | undefined;
  /** What a `postern` command is put behind. */
  readonly command: readonly [string, ...string[]];
  readonly run: RunSystemProgram;
}

export function createService(parts: ServiceParts): Service {
  // An AppImage is mounted somewhere else each time; what is in it cannot be named beforehand.
  if (parts.env.APPIMAGE) return noService(IN_APP_IMAGE);
  switch (parts.platform) {
    case "linux":
      return systemdService(parts);
    case "darwin":
      return launchdService(parts);
    case "win32":
      return windowsService(parts);
    default:
      return noService("Postern knows no way to start by itself on this system.");
  }
}

function systemdService({ env, userHome, command, run }: ServiceParts): Service {
  const folder = env.XDG_CONFIG_HOME || join(userHome, ".config");
  const path = join(folder, "systemd", "user", UNIT_NAME);
  const systemctl = (...words: string[]): Promise<string | undefined> =>
    run("systemctl", ["--user", ...words]);
  const show = async (notice?: string): Promise<ServiceState> => ({
    kind: "systemd-user",
    installed: await isFile(path),
    path,
    ...(notice === undefined ? {} : { notice }),
  });

  return {
    show: () => show(),
    async install(startNow) {
      await writeTo(path, formatSystemdUnit(startCommand(command, env)));
      try {
        await systemctl("daemon-reload");
        const answer = await systemctl("enable", ...(startNow ? ["--now"] : []), UNIT_NAME);
        return show(answer === undefined ? WRITTEN_ONLY : LINGER);
      } catch (thrown) {
        // No session of systemd's here: a container, or a login by su. The file is right all the same.
        return show(`${WRITTEN_ONLY} (${said(thrown)})`);
      }
    },
    async remove() {
      // Where systemd does not answer, the link of `enable` goes by hand.
      await systemctl("disable", UNIT_NAME).catch(() => {});
      await remove(join(dirname(path), "default.target.wants", UNIT_NAME));
      await remove(path);
      await systemctl("daemon-reload").catch(() => {});
      return show();
    },
  };
}

function launchdService({ env, userHome, userId, command, run }: ServiceParts): Service {
  const path = join(userHome, "Library", "LaunchAgents", `${AGENT_LABEL}.plist`);
  const log = join(userHome, "Library", "Logs", "Postern.log");
  const show = async (): Promise<ServiceState> => ({
    kind: "launch-agent",
    installed: await isFile(path),
    path,
  });
  return {
    show,
    async install(startNow) {
      await writeTo(path, formatLaunchAgent(startCommand(command, env), log));
      if (startNow) await must(run("launchctl", ["bootstrap", `gui/${userId}`, path]));
      return show();
    },
    async remove() {
      // launchd forgets what it has loaded at the next login.
      await remove(path);
      return show();
    },
  };
}

function windowsService({ env, command, run }: ServiceParts): Service {
  const path = `${RUN_KEY}\\${RUN_VALUE}`;
  const entry = [RUN_KEY, "/v", RUN_VALUE];
  const show = async (): Promise<ServiceState> => {
    const answer = await run("reg.exe", ["query", ...entry]).catch(() => undefined);
    return { kind: "windows-logon", installed: answer !== undefined, path };
  };
  return {
    show,
    async install() {
      const value = formatRunValue(startCommand(command, env));
      await must(run("reg.exe", ["add", ...entry, "/t", "REG_SZ", "/d", value, "/f"]));
      return { ...(await show()), notice: AT_NEXT_LOGON };
    },
    async remove() {
      if ((await show()).installed) await must(run("reg.exe", ["delete", ...entry, "/f"]));
      return show();
    },
  };
}

function noService(notice: string): Service {
  const refuse = async (): Promise<never> => {
    throw new PosternError("service-failed", { detail: notice });
  };
  return { show: async () => ({ kind: "none", installed: false, notice }), install: refuse, remove: refuse };
}

/** @throws PosternError `service-failed` also where the program is not there */
async function must(running: Promise<string | undefined>): Promise<void> {
  const answer = await running.catch((thrown: unknown) => {
    throw new PosternError("service-failed", { detail: said(thrown), cause: thrown });
  });
  if (answer === undefined)
    throw new PosternError("service-failed", { detail: "the system's program is not there" });
}

async function writeTo(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { mode: 0o644 });
  } catch (thrown) {
    throw new PosternError("service-failed", { detail: `${path}: ${systemCode(thrown)}`, cause: thrown });
  }
}

async function remove(path: string): Promise<void> {
  await rm(path, { force: true }).catch((thrown: unknown) => {
    throw new PosternError("service-failed", { detail: `${path}: ${systemCode(thrown)}`, cause: thrown });
  });
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** The first line that a program gave for a reason. */
function said(thrown: unknown): string {
  const text = thrown instanceof Error && "stderr" in thrown ? String(thrown.stderr) : "";
  return text.trim().split("\n")[0] || String(thrown);
}

/** The real one. */
export const runSystemProgram: RunSystemProgram = (program, words) =>
  new Promise((resolve, reject) => {
    execFile(program, words, { timeout: 30_000, windowsHide: true }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (error.code === "ENOENT") resolve(undefined);
      else reject(Object.assign(error, { stderr }));
    });
  });

const IN_APP_IMAGE =
  "An AppImage has no fixed place to start from; the app's own settings let it start when you log in.";
const WRITTEN_ONLY =
  "The unit is written, but systemd could not be told now. In your own session: systemctl --user enable --now postern.service";
const LINGER = "It starts when you log in. To have it start with the machine: loginctl enable-linger";
const AT_NEXT_LOGON = "It starts the next time you log on.";
