// Newer versions of the app: installed when it quits (dmg, NSIS, AppImage), only told where a package manager installs
// (deb, rpm), and neither where an administrator decides, in a clone, or where the build names no feed.
// Invariants: what an update is signed with is electron-updater's to check, and nothing here goes around it; never to an
// older version; the feed is where electron-builder.yml's `publish` says, and nowhere else.
import type { Cancel, Clock } from "../src/clock/clock.ts";
import type { Notice } from "./notifications.ts";
import { HOME } from "./routes.ts";
import type { UpdateOffer } from "./tray.ts";
import type { Words } from "./words.ts";

export type UpdateMode =
  | { readonly kind: "off"; readonly why: "clone" | "no-feed" | "policy" }
  | { readonly kind: "install" }
  | { readonly kind: "tell" };

export interface UpdateCircumstances {
  readonly isPackaged: boolean;
  /** Whether the build has an app-update.yml. */
  readonly hasFeed: boolean;
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Undefined while the daemon has not said. */
  readonly policyAllows: boolean | undefined;
}

export function updateMode(circumstances: UpdateCircumstances): UpdateMode {
  const { isPackaged, hasFeed, platform, env, policyAllows } = circumstances;
  if (!isPackaged) return { kind: "off", why: "clone" };
  if (!hasFeed) return { kind: "off", why: "no-feed" };
  if (policyAllows !== true) return { kind: "off", why: "policy" };
  if (platform === "darwin" || platform === "win32") return { kind: "install" };
  return { kind: env.APPIMAGE ? "install" : "tell" };
}

/** The slice of electron-updater's `autoUpdater` that is used. */
export interface UpdaterSlice {
  autoDownload: boolean;
  autoInstallOnAppQuit: boolean;
  allowDowngrade: boolean;
  on(event: "update-available", listener: (found: { readonly version: string }) => void): unknown;
  on(event: "update-not-available", listener: () => void): unknown;
  on(event: "update-downloaded", listener: (found: { readonly version: string }) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  checkForUpdates(): Promise<unknown>;
  quitAndInstall(): void;
}

export interface UpdatesParts {
  /** Loaded only when there is something to look for. */
  load(): Promise<UpdaterSlice>;
  readonly clock: Clock;
  onOffer(offer: UpdateOffer): void;
  notify(notice: Notice): void;
  words(): Words;
}

export interface Updates {
  /** What may be done, as it is known now. */
  setMode(mode: UpdateMode): void;
  /** A person asks: they are told in every case. */
  check(): Promise<void>;
  /** Ends the app and installs. */
  install(): void;
}

const FIRST = 60_000;
const EVERY = 24 * 3_600_000;

export function createUpdates({ load, clock, onOffer, notify, words }: UpdatesParts): Updates {
  let mode: UpdateMode = { kind: "off", why: "clone" };
  let updater: UpdaterSlice | undefined;
  let cancel: Cancel | undefined;
  let asked = false;

  const tell = (title: string, body: string): void =>
    notify({ key: "update", title, body, action: { kind: "open", route: HOME } });

  async function prepare(): Promise<UpdaterSlice> {
    if (updater !== undefined) return updater;
    const loaded = await load();
    updater = loaded;
    loaded.allowDowngrade = false;
    loaded.on("update-available", ({ version }) => {
      if (mode.kind !== "tell") return;
      tell(words()("tray.notify-update-there", { version }), words()("tray.notify-update-there-body"));
    });
    loaded.on("update-not-available", () => {
      if (asked) tell(words()("tray.notify-no-update"), "");
    });
    loaded.on("update-downloaded", ({ version }) => {
      onOffer({ kind: "ready", version });
      tell(words()("tray.notify-update-ready", { version }), words()("tray.notify-update-ready-body"));
    });
    // The check's own promise tells it; without a listener it would end the app.
    loaded.on("error", () => {});
    return loaded;
  }

  async function look(byPerson: boolean): Promise<void> {
    if (mode.kind === "off") return;
    asked = byPerson;
    try {
      const ready = await prepare();
      ready.autoDownload = mode.kind === "install";
      ready.autoInstallOnAppQuit = mode.kind === "install";
      await ready.checkForUpdates();
    } catch {
      if (byPerson) tell(words()("tray.notify-update-failed"), words()("tray.notify-update-failed-body"));
    }
  }

  function lookAfter(milliseconds: number): void {
    cancel = clock.schedule(milliseconds, () => {
      void look(false);
      lookAfter(EVERY);
    });
  }

  return {
    setMode(next) {
      if (next.kind === mode.kind) return;
      mode = next;
      cancel?.();
      onOffer({ kind: next.kind === "off" ? "none" : "check" });
      if (next.kind === "off") {
        // What was downloaded while it was allowed stays where it is.
        if (updater !== undefined) updater.autoInstallOnAppQuit = false;
      } else lookAfter(FIRST);
    },
    check: () => look(true),
    install: () => updater?.quitAndInstall(),
  };
}
