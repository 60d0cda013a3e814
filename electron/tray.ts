// What the tray shows for what is known of the daemon: icon, tooltip, menu (pure).
// Invariant: state is told by shape and word, never by colour alone; whatever can be clicked says what it does.
import type { AccountView, Snapshot } from "../src/control/contract.ts";
import { assertNever } from "../src/errors/assert-never.ts";
import { type AccountAction, accountAction } from "./account-action.ts";
import type { DaemonView } from "./daemon-view.ts";
import { HOME } from "./routes.ts";
import type { Words } from "./words.ts";

/** ● ▲ ○ ■ */
export type TrayIcon = "working" | "attention" | "offline" | "blocked";

export type TrayAction =
  | AccountAction
  | { readonly kind: "pause" | "resume" | "check-for-updates" | "install-update" | "quit" };

export type TrayLine =
  | { readonly kind: "text"; readonly label: string }
  | { readonly kind: "action"; readonly label: string; readonly action: TrayAction }
  | { readonly kind: "separator" };

export interface TrayPicture {
  readonly icon: TrayIcon;
  readonly tooltip: string;
  readonly menu: readonly TrayLine[];
}

/** What the tray may do about newer versions of itself. */
export type UpdateOffer =
  | { readonly kind: "none" }
  | { readonly kind: "check" }
  | { readonly kind: "ready"; readonly version: string };

/** The menu names this many accounts; the window has the others. */
const MOST_ACCOUNTS = 12;

export function trayPicture(view: DaemonView, words: Words, update: UpdateOffer): TrayPicture {
  const { icon, sentence } = summary(view, words);
  return {
    icon,
    tooltip: `Postern: ${sentence}`,
    menu: [
      { kind: "text", label: sentence },
      { kind: "separator" },
      ...(view.kind === "known" ? accountLines(view.snapshot, words) : []),
      { kind: "action", label: words("tray.open"), action: { kind: "open", route: HOME } },
      ...(view.kind === "known" ? [pauseLine(view.snapshot, words)] : []),
      ...updateLines(update, words),
      { kind: "separator" },
      { kind: "action", label: words("tray.quit"), action: { kind: "quit" } },
    ],
  };
}

interface Summary {
  readonly icon: TrayIcon;
  readonly sentence: string;
}

/** The worst first: what needs a person, what a person can look at, what passes by itself. */
function summary(view: DaemonView, words: Words): Summary {
  switch (view.kind) {
    case "starting":
      return { icon: "offline", sentence: words("tray.starting") };
    case "away":
      return view.reason === undefined
        ? { icon: "offline", sentence: words("tray.away") }
        : { icon: "attention", sentence: words("tray.failing", { reason: view.reason }) };
    case "known":
      return (
        needing(view.snapshot, words) ?? {
          icon: "working",
          sentence: words(view.snapshot.accounts.length === 0 ? "tray.no-accounts" : "tray.working"),
        }
      );
    default:
      return assertNever(view);
  }
}

function needing(snapshot: Snapshot, words: Words): Summary | undefined {
  const first = (kind: AccountView["status"]["kind"]): AccountView | undefined =>
    snapshot.accounts.find(({ status }) => status.kind === kind);
  const needsYou = first("needs-you");
  const { keychain } = snapshot;
  if (!keychain.ready)
    return { icon: "attention", sentence: words.failure(keychain.code, keychain.sentence) };
  if (needsYou !== undefined) {
    return { icon: "attention", sentence: words("tray.account-needs-you", { email: needsYou.email }) };
  }
  const broken = snapshot.listeners.find(({ state }) => state === "taken" || state === "failed");
  if (broken !== undefined) return { icon: "attention", sentence: listenerSentence(broken, words) };
  const blocked = first("blocked");
  if (blocked !== undefined) {
    return { icon: "blocked", sentence: words("tray.account-blocked", { email: blocked.email }) };
  }
  if (snapshot.paused) return { icon: "offline", sentence: words("tray.paused") };
  const offline = first("offline");
  if (offline === undefined) return undefined;
  return { icon: "offline", sentence: words("tray.account-offline", { email: offline.email }) };
}

export function listenerSentence({ port, state }: Snapshot["listeners"][number], words: Words): string {
  return state === "taken" && port !== undefined
    ? words("tray.port-taken", { port })
    : words("tray.listener-failed");
}

function accountLines({ accounts }: Snapshot, words: Words): readonly TrayLine[] {
  if (accounts.length === 0) {
    return [{ kind: "action", label: words("tray.add-account"), action: { kind: "open", route: "/add" } }];
  }
  const named = accounts.slice(0, MOST_ACCOUNTS).map(
    (account): TrayLine => ({
      kind: "action",
      label: accountLabel(account, words),
      action: accountAction(account),
    }),
  );
  const more: TrayLine[] =
    accounts.length > MOST_ACCOUNTS
      ? [
          {
            kind: "action",
            label: words("tray.more-accounts", { count: accounts.length - MOST_ACCOUNTS }),
            action: { kind: "open", route: HOME },
          },
        ]
      : [];
  return [...named, ...more, { kind: "separator" }];
}

function accountLabel(account: AccountView, words: Words): string {
  const { email, status } = account;
  const signsIn = accountAction(account).kind === "sign-in";
  switch (status.kind) {
    case "working":
      return `● ${words("tray.line-working", { email })}`;
    case "needs-you":
      return `▲ ${words(signsIn ? "tray.line-sign-in-again" : "tray.line-open", { email })}`;
    case "blocked":
      return `■ ${words("tray.line-open", { email })}`;
    case "offline":
      return `○ ${words("tray.line-offline", { email })}`;
    case "signed-out":
      return `· ${words(signsIn ? "tray.line-sign-in" : "tray.line-open", { email })}`;
    default:
      return assertNever(status.kind);
  }
}

function pauseLine({ paused }: Snapshot, words: Words): TrayLine {
  return paused
    ? { kind: "action", label: words("tray.resume"), action: { kind: "resume" } }
    : { kind: "action", label: words("tray.pause"), action: { kind: "pause" } };
}

function updateLines(update: UpdateOffer, words: Words): readonly TrayLine[] {
  switch (update.kind) {
    case "none":
      return [];
    case "check":
      return [
        { kind: "action", label: words("tray.check-for-updates"), action: { kind: "check-for-updates" } },
      ];
    case "ready":
      return [
        {
          kind: "action",
          label: words("tray.install-update", { version: update.version }),
          action: { kind: "install-update" },
        },
      ];
    default:
      return assertNever(update);
  }
}
