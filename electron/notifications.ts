// Which notifications stand, and which are new (pure). One for each cause, none for what passes by itself, gone when solved.
// Invariants: what was so when the tray app first looked is not told again: the icon shows it; nothing is shown while the
// person has notifications off, and nothing of that time is made up for.
import type { AccountView, ControlEvent, Snapshot } from "../src/control/contract.ts";
import { type AccountAction, accountAction } from "./account-action.ts";
import type { DaemonView } from "./daemon-view.ts";
import { HOME, SETTINGS_ROUTE } from "./routes.ts";
import { listenerSentence } from "./tray.ts";
import type { Words } from "./words.ts";

export interface Notice {
  /** The cause: two of the same are one. */
  readonly key: string;
  readonly title: string;
  readonly body: string;
  readonly action: AccountAction;
}

export interface Plan {
  readonly show: readonly Notice[];
  /** Keys of those that are solved. */
  readonly close: readonly string[];
  /** Every cause that is there now. */
  readonly known: ReadonlySet<string>;
}

/** @param known the causes that were there before; undefined at the first look */
export function planNotifications(
  known: ReadonlySet<string> | undefined,
  view: DaemonView,
  words: Words,
): Plan {
  // While it starts nobody knows; a cause that was there may still be.
  if (view.kind === "starting" || (view.kind === "away" && view.reason === undefined)) {
    return { show: [], close: [], known: known ?? new Set() };
  }
  const causes = view.kind === "away" ? [failing(view.reason ?? "", words)] : causesOf(view.snapshot, words);
  const now = new Set(causes.map(({ key }) => key));
  // A daemon that cannot start says nothing about the accounts: theirs stay as they are.
  const kept = view.kind === "away" ? [...(known ?? [])] : [];
  const isFirstLook = known === undefined && view.kind === "known";
  const wanted = view.kind === "away" || view.snapshot.settings.notifications;
  return {
    show: isFirstLook || !wanted ? [] : causes.filter(({ key }) => !known?.has(key)),
    close: view.kind === "away" ? [] : [...(known ?? [])].filter((key) => !now.has(key)),
    known: new Set([...kept, ...now]),
  };
}

function causesOf(snapshot: Snapshot, words: Words): readonly Notice[] {
  return [
    ...snapshot.accounts.flatMap((account) => accountCause(account, words)),
    ...keychainCause(snapshot, words),
    ...listenerCause(snapshot, words),
  ];
}

function accountCause(account: AccountView, words: Words): readonly Notice[] {
  const { id, email, status } = account;
  if (status.kind !== "needs-you" && status.kind !== "blocked") return [];
  return [
    {
      key: `account ${id} ${status.code ?? ""}`,
      title: words(status.kind === "blocked" ? "tray.notify-blocked" : "tray.notify-needs-you", { email }),
      body: words.failure(status.code, status.sentence),
      action: accountAction(account),
    },
  ];
}

function keychainCause({ keychain }: Snapshot, words: Words): readonly Notice[] {
  if (keychain.ready) return [];
  return [
    {
      key: `keychain ${keychain.code ?? ""}`,
      title: words("tray.notify-keychain"),
      body: words.failure(keychain.code, keychain.sentence),
      action: { kind: "open", route: HOME },
    },
  ];
}

/** Both addresses of a port are one cause. */
function listenerCause({ listeners }: Snapshot, words: Words): readonly Notice[] {
  const broken = listeners.find(({ state }) => state === "taken" || state === "failed");
  if (broken === undefined) return [];
  return [
    {
      key: `listener ${broken.protocol} ${broken.port ?? ""}`,
      title: words("tray.notify-port"),
      body: listenerSentence(broken, words),
      action: { kind: "open", route: SETTINGS_ROUTE },
    },
  ];
}

function failing(reason: string, words: Words): Notice {
  return {
    key: "failing",
    title: words("tray.notify-failing"),
    body: reason,
    action: { kind: "open", route: HOME },
  };
}

/**
 * A mail program that comes while nobody has signed in: once until somebody has (demands.md 22). The status alone would not
 * tell, since a signed-out account that nothing uses needs nobody.
 */
export function askedWhileSignedOut(event: ControlEvent, view: DaemonView, words: Words): Notice | undefined {
  if (event.kind !== "activity" || view.kind !== "known" || !view.snapshot.settings.notifications) {
    return undefined;
  }
  const { what, account: email, failure } = event.activity;
  if (what !== "login-failed" || failure?.code !== "signed-out") return undefined;
  const account = view.snapshot.accounts.find((one) => one.email === email);
  if (account === undefined || account.status.kind !== "signed-out") return undefined;
  return {
    key: signedOutKey(account.id),
    title: words("tray.notify-sign-in", { email: account.email }),
    body: words("tray.notify-sign-in-body"),
    action: accountAction(account),
  };
}

export const signedOutKey = (accountId: string): string => `asked ${accountId}`;
