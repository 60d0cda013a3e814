// What is known to be wrong at an account's mail servers: fewer tries while it lasts, and a refusal at the greeting
// where every account of a listener is known to be down. Invariant: only what may pass or a person must solve is here;
// one success clears it, and a login is no success where the mailbox behind it was missing.
import type { Account } from "../account/account.ts";
import type { Clock } from "../clock/clock.ts";
import { assertNever } from "../errors/assert-never.ts";
import type { PosternError } from "../errors/postern-error.ts";
import type { Outage } from "../oauth/token/state.ts";

export type MailProtocol = "imap" | "smtp";

export interface Outages {
  failed(account: Account, protocol: MailProtocol, error: PosternError): void;
  /** A login succeeded. */
  succeeded(account: Account, protocol: MailProtocol): void;
  /** There was a mailbox behind an IMAP login. */
  mailboxOpened(account: Account): void;
  /** The failure that a login must be answered with instead of bothering the server again. */
  blocking(account: Account, protocol: MailProtocol): PosternError | undefined;
  /** The newest failure that stands, for status. */
  current(account: Account): Outage | undefined;
  /** The outage that is known well enough to refuse at the greeting. */
  known(account: Account, protocol: MailProtocol): Outage | undefined;
  forget(accountId: string): void;
  /** Forgets every failure of the way to a server, of all accounts. */
  forgetNetwork(): void;
}

const FIRST_PAUSE = 30_000;
const LONGEST_PAUSE = 300_000;
/** One failed login is not an outage: two or more over this long are. */
const ESTABLISHED = 10_000;
/** How long after its last failure an outage is still believed in without asking again. */
const BELIEVED = 30_000;

/** @param onChange is told of the account whose `current` may be another now */
export function createOutages(clock: Clock, onChange: (accountId: string) => void = () => {}): Outages {
  const outages = new Map<string, Outage>();
  const keyOf = (accountId: string, protocol: MailProtocol): string => `${accountId} ${protocol}`;
  const clear = (accountId: string, protocol: MailProtocol): void => {
    if (outages.delete(keyOf(accountId, protocol))) onChange(accountId);
  };
  /** The server lets everybody in before it says this: only what comes after the login can tell. */
  const isWithoutMailbox = (account: Account, protocol: MailProtocol): boolean =>
    outages.get(keyOf(account.id, protocol))?.error.code === "mailbox-not-connected";

  return {
    failed(account, protocol, error) {
      const key = keyOf(account.id, protocol);
      const before = outages.get(key);
      const now = clock.monotonic();
      // Connections that were on their way when the pause began count as one try.
      const counted = before !== undefined && now < before.retryAt && before.error.code === error.code;
      const failures = counted ? before.failures : (before?.failures ?? 0) + 1;
      outages.set(key, {
        error,
        since: before?.since ?? now,
        lastFailure: now,
        retryAt: counted ? before.retryAt : now + pauseAfter(error, failures),
        failures,
      });
      onChange(account.id);
    },

    succeeded(account, protocol) {
      if (!isWithoutMailbox(account, protocol)) clear(account.id, protocol);
    },

    mailboxOpened(account) {
      if (isWithoutMailbox(account, "imap")) clear(account.id, "imap");
    },

    blocking(account, protocol) {
      const outage = outages.get(keyOf(account.id, protocol));
      return outage !== undefined && clock.monotonic() < outage.retryAt ? outage.error : undefined;
    },

    current(account) {
      const both = (["imap", "smtp"] as const).map((protocol) => outages.get(keyOf(account.id, protocol)));
      return both
        .filter((outage) => outage !== undefined)
        .sort((left, right) => right.lastFailure - left.lastFailure)[0];
    },

    known(account, protocol) {
      const outage = outages.get(keyOf(account.id, protocol));
      return outage !== undefined && isKnownOutage(outage, clock.monotonic()) ? outage : undefined;
    },

    forget(accountId) {
      for (const protocol of ["imap", "smtp"] as const) clear(accountId, protocol);
    },

    forgetNetwork() {
      for (const [key, { error }] of outages) {
        if (error.entry.category !== "network") continue;
        outages.delete(key);
        onChange(key.slice(0, key.lastIndexOf(" ")));
      }
    },
  };
}

/** Whether an outage is long and fresh enough to be told before a password is asked for. */
export function isKnownOutage(outage: Outage, now: number): boolean {
  const { category } = outage.error.entry;
  return (
    (category === "network" || category === "throttled") &&
    outage.lastFailure - outage.since >= ESTABLISHED &&
    now - outage.lastFailure < BELIEVED
  );
}

/** Milliseconds without a try: none where a try costs nobody anything, longer where a server counts them. */
function pauseAfter(error: PosternError, failures: number): number {
  const { category } = error.entry;
  switch (category) {
    case "refused":
    case "disabled":
    case "throttled":
      return Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1));
    case "network":
    case "certificate":
    case "sign-in":
    case "keychain":
    case "configuration":
    case "local-password":
    case "request":
      return 0;
    default:
      return assertNever(category);
  }
}
