// Events in words, for a terminal: time, shape, sentence.
// Invariant: a state is told when it is new; that the same is still so is not news, also not after a restart.
import type { AccountView, ControlEvent, Machine, Snapshot } from "../control/contract.ts";
import {
  describeAccountState,
  describeActivity,
  describeKeychain,
  describeListener,
  describePause,
} from "./describe.ts";

/**
 * @param now milliseconds since 1970
 * @returns turns each event into lines, none where a person would learn nothing
 */
export function createTeller(now: () => number): (event: ControlEvent) => string[] {
  const accounts = new Map<string, string>();
  const listeners = new Map<string, string>();
  let machine: Machine | undefined;

  const news = (known: Map<string, string>, key: string, text: string): string[] => {
    if (known.get(key) === text) return [];
    known.set(key, text);
    return timed(now(), text);
  };
  const tellAccount = (account: AccountView): string[] =>
    news(accounts, account.email, describeAccountState(account).join("\n"));
  const tellListener = (listener: Snapshot["listeners"][number]): string[] =>
    news(listeners, `${listener.protocol} ${listener.address}`, describeListener(listener));
  const tellRemoved = (email: string): string[] => {
    accounts.delete(email);
    return timed(now(), `· ${email}  The account was removed.`);
  };

  /** What is another than before; what is well is told only where it was not. */
  function tellMachine(next: Machine): string[] {
    const before = machine;
    machine = next;
    const { paused, keychain, notices } = next;
    const wasReady = before?.keychain.ready ?? true;
    const isNews = JSON.stringify(keychain) !== JSON.stringify(before?.keychain);
    return [
      ...(paused && !before?.paused ? timed(now(), describePause()) : []),
      ...(!paused && before?.paused ? timed(now(), "● Mail programs are let in again.") : []),
      ...(isNews && !(keychain.ready && wasReady) ? timed(now(), describeKeychain(keychain).join("\n")) : []),
      ...notices
        .filter((notice) => !before?.notices.includes(notice))
        .flatMap((notice) => timed(now(), `▲ ${notice}`)),
    ];
  }

  function tellSnapshot({ version, processId, ...snapshot }: Snapshot): string[] {
    const gone = [...accounts.keys()].filter(
      (email) => !snapshot.accounts.some((account) => account.email === email),
    );
    return [
      ...timed(now(), `● Postern ${version} is running, process ${processId}.`),
      ...tellMachine(snapshot),
      ...snapshot.listeners.flatMap(tellListener),
      ...gone.flatMap(tellRemoved),
      ...snapshot.accounts.flatMap(tellAccount),
    ];
  }

  return (event) => {
    switch (event.kind) {
      case "snapshot":
        return tellSnapshot(event.snapshot);
      case "machine":
        return tellMachine(event.machine);
      // What a person would want to know of one is an activity too.
      case "connection":
        return [];
      case "account":
        return tellAccount(event.account);
      case "account-removed":
        return tellRemoved(event.email);
      case "listener":
        return tellListener(event.listener);
      case "activity":
        return timed(event.activity.at, describeActivity(event.activity).join("\n"));
    }
  };
}

/** The first line behind the local time, the others below it. */
function timed(at: number, text: string): string[] {
  // Swedish is the locale whose customary form is the sortable one: 2026-11-21 12:00:00.
  const time = new Date(at).toLocaleString("sv-SE");
  const [first = "", ...others] = text.split("\n");
  return [`${time}  ${first}`, ...others.map((line) => `${" ".repeat(time.length + 2)}${line}`)];
}
