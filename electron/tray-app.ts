// The tray app: what the daemon tells becomes icon, menu and notifications; what a person clicks goes to the daemon, to the
// browser or to the window. Invariants: one instance; the app lives on when its window is closed; quitting ends a daemon that
// was started here, and no other; nothing here knows about mail.
import type { Clock } from "../src/clock/clock.ts";
import type { ControlClient } from "../src/control/client.ts";
import type { AccountView, ControlEvent, Request } from "../src/control/contract.ts";
import { assertNever } from "../src/errors/assert-never.ts";
import type { PageFiles } from "../src/page/page-files.ts";
import { createAppProtocol } from "./app-protocol.ts";
import { applicationMenu } from "./application-menu.ts";
import { createAutostart, HIDDEN } from "./autostart.ts";
import { createBrowserSignIn } from "./browser-sign-in.ts";
import { type DaemonChild, type DaemonProcess, runDaemonProcess } from "./daemon-process.ts";
import { applyEvent, type DaemonView } from "./daemon-view.ts";
import type { ElectronParts, MenuLine } from "./electron-api.ts";
import { createExternalLinks } from "./external-links.ts";
import { createForward } from "./forwarding.ts";
import { passOnMachineEvents } from "./machine-events.ts";
import { answerNativeCalls } from "./native-calls.ts";
import { askedWhileSignedOut, planNotifications, signedOutKey } from "./notifications.ts";
import { createNotifier } from "./notifier.ts";
import { HOME, type Route } from "./routes.ts";
import type { TrayAction, TrayIcon } from "./tray.ts";
import { createTrayKeeper } from "./tray-keeper.ts";
import { createUpdates, type UpdaterSlice, updateMode } from "./updates.ts";
import { guardContents, guardSession, windowOptions } from "./window.ts";
import { createWindowKeeper } from "./window-keeper.ts";
import { type Words, wordsIn } from "./words.ts";

export interface TrayAppParts {
  readonly electron: ElectronParts;
  readonly clock: Clock;
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How this program was started. */
  readonly argv: readonly string[];
  readonly execPath: string;
  /** @throws Error when no daemon answers */
  connect(): Promise<ControlClient>;
  startDaemon(): DaemonChild;
  /** The built page and preload script. */
  readonly page: PageFiles;
  readonly preload: string;
  iconFile(icon: TrayIcon): string;
  /** Whether the desktop shows tray icons. */
  hasTray(): Promise<boolean>;
  /** Whether the build says where newer versions are. */
  readonly hasUpdateFeed: boolean;
  loadUpdater(): Promise<UpdaterSlice>;
}

/** Resolves when everything is in place; to nothing when another instance runs, which shows its window instead. */
export async function startTrayApp(parts: TrayAppParts): Promise<void> {
  const { electron, clock, platform, env, argv, connect } = parts;
  const { app } = electron;
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }

  let view: DaemonView = { kind: "starting" };
  let known: ReadonlySet<string> | undefined;
  let daemon: DaemonProcess | undefined;
  let saidGoodbye = false;
  const words = (): Words =>
    wordsIn(view.kind === "known" ? view.snapshot.settings.language : "system", app.getLocale());
  const accounts = (): readonly AccountView[] => (view.kind === "known" ? view.snapshot.accounts : []);

  const links = createExternalLinks();
  const openExternal = async (url: string): Promise<boolean> => {
    const allowed = links.check(url, accounts());
    if (allowed === undefined) return false;
    await electron.openExternal(allowed);
    return true;
  };
  const notifier = createNotifier({
    create: (options) => electron.createNotification(options),
    onClick: ({ action }) => act(action),
  });
  const keeper = createWindowKeeper({
    create() {
      const window = electron.createWindow(
        windowOptions({ preload: parts.preload, isPackaged: app.isPackaged }),
      );
      guardContents(window.webContents, (url) => void openExternal(url).catch(() => {}));
      return window;
    },
    clock,
    onClosed: () => void sayStillHere(),
  });
  const openWindow = (route?: Route): void => keeper.open(route);
  const signIn = createBrowserSignIn({
    connect,
    links,
    accounts,
    openExternal: (url) => electron.openExternal(url),
    openWindow,
    notify: (notice) => notifier.show(notice),
    words,
  });
  const updates = createUpdates({
    load: () => parts.loadUpdater(),
    clock,
    onOffer: (offer) => tray.offerUpdate(offer),
    notify: (notice) => notifier.show(notice),
    words,
  });
  const tray = createTrayKeeper({
    create: (icon) => electron.createTray(parts.iconFile(icon)),
    iconFile: (icon) => parts.iconFile(icon),
    onAction: act,
    onClick: () => openWindow(),
    // A click on macOS and most Linux desktops opens the menu.
    opensByClick: platform === "win32",
  });

  /** Where no tray leads back, a person is told once that mail goes on. */
  async function sayStillHere(): Promise<void> {
    if (saidGoodbye || (tray.isThere() && (await parts.hasTray()))) return;
    saidGoodbye = true;
    notifier.show({
      key: "still-here",
      title: words()("tray.notify-still-here"),
      body: words()("tray.notify-still-here-body"),
      action: { kind: "open", route: HOME },
    });
  }

  /** What the daemon does not take, the icon and the window show: nobody waits for the answer here. */
  function tell<M extends "pause" | "resume" | "machine.changed">(method: M, request: Request<M>): void {
    connect()
      .then((client) => client.call(method, request))
      .catch(() => {});
  }

  function act(action: TrayAction): void {
    switch (action.kind) {
      case "sign-in":
        void signIn.start(action.email);
        return;
      case "open":
        openWindow(action.route);
        return;
      case "pause":
      case "resume":
        tell(action.kind, {});
        return;
      case "check-for-updates":
        void updates.check();
        return;
      case "install-update":
        void stopDaemon().then(() => updates.install());
        return;
      case "quit":
        app.quit();
        return;
      default:
        assertNever(action);
    }
  }

  function show(next: DaemonView): void {
    if (next === view) return;
    const before = words();
    view = next;
    tray.show(view, words());
    const plan = planNotifications(known, view, words());
    known = view.kind === "starting" ? undefined : plan.known;
    for (const key of plan.close) notifier.close(key);
    for (const notice of plan.show) notifier.show(notice);
    for (const { id, status } of accounts()) {
      if (status.kind !== "signed-out") notifier.close(signedOutKey(id));
    }
    if (view.kind !== "known") return;
    const policyAllows = view.snapshot.policy?.updates ?? true;
    const { isPackaged } = app;
    updates.setMode(updateMode({ isPackaged, hasFeed: parts.hasUpdateFeed, platform, env, policyAllows }));
    if (before("tray.quit") !== words()("tray.quit")) electron.setApplicationMenu(menu());
  }

  function onEvent(event: ControlEvent): void {
    show(applyEvent(view, event));
    const asked = askedWhileSignedOut(event, view, words());
    if (asked !== undefined && !notifier.has(asked.key)) notifier.show(asked);
  }

  const menu = (): MenuLine[] =>
    applicationMenu({ platform, isPackaged: app.isPackaged, words: words(), quit: () => app.quit() });

  let stopping: Promise<void> | undefined;
  let stopped = false;
  function stopDaemon(): Promise<void> {
    stopping ??= (daemon?.stop() ?? Promise.resolve()).finally(() => {
      stopped = true;
    });
    return stopping;
  }

  app.on("second-instance", (_event, secondWords) => {
    // The login item of somebody who has started it already.
    if (!secondWords.includes(HIDDEN)) openWindow();
  });
  app.on("activate", () => openWindow());
  // Without a listener Electron would quit.
  app.on("window-all-closed", () => {});
  app.on("will-quit", (event) => {
    if (stopped) return;
    event.preventDefault();
    void stopDaemon().then(() => app.quit());
  });
  electron.powerMonitor.on("shutdown", () => app.quit());

  await app.whenReady();
  guardSession(electron.session);
  electron.protocol.handle("app", createAppProtocol(parts.page, createForward(connect, links)));
  answerNativeCalls(electron.ipc, {
    autostart: createAutostart({ app, platform, env, execPath: parts.execPath }),
    openExternal,
  });
  electron.setApplicationMenu(menu());
  tray.show(view, words());
  daemon = runDaemonProcess({
    connect,
    start: () => parts.startDaemon(),
    clock,
    onEvent,
    onAway: (reason) => show(reason === undefined ? { kind: "away" } : { kind: "away", reason }),
  });
  passOnMachineEvents({
    powerMonitor: electron.powerMonitor,
    isOnline: () => electron.isOnline(),
    clock,
    tell: (what) => tell("machine.changed", { what }),
  });
  if (!argv.includes(HIDDEN)) openWindow();
}
