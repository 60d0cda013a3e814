// What each account's SMTP server announced last, so that EHLO can be answered before anybody has logged in.
import type { Account } from "../account/account.ts";
import { type Clock, withDeadline } from "../clock/clock.ts";
import { PosternError } from "../errors/postern-error.ts";
import { memorableKeywords } from "../mail/smtp/keyword.ts";
import { limits } from "../mail/wire/limits.ts";

export interface KeywordCache {
  /** A list for each account; none at all where one is missing and cannot be asked for quickly. */
  lists(accounts: readonly Account[]): Promise<readonly (readonly string[])[]>;
  learn(account: Account, keywords: readonly string[]): void;
}

export interface KeywordCacheParts {
  readonly clock: Clock;
  stored(accountId: string): readonly string[] | undefined;
  store(accountId: string, keywords: readonly string[]): void;
  /** Asks the server, without logging in. */
  ask(account: Account): Promise<readonly string[]>;
}

/** After a failed question the minimum is announced for this long without asking again. */
const PAUSE = 60_000;

export function createKeywordCache(parts: KeywordCacheParts): KeywordCache {
  const { clock } = parts;
  let pausedUntil = Number.NEGATIVE_INFINITY;

  /** The question under way: programs that connect together share its answer. */
  let asking: Promise<readonly (readonly string[])[]> | undefined;

  function learn(account: Account, keywords: readonly string[]): void {
    const known = parts.stored(account.id);
    const memorable = memorableKeywords(keywords);
    if (known === undefined || known.join("\n") !== memorable.join("\n")) parts.store(account.id, memorable);
  }

  async function ask(account: Account): Promise<readonly (readonly string[])[]> {
    try {
      const keywords = await withDeadline(
        clock,
        limits.upstreamProbe,
        parts.ask(account),
        () => new PosternError("upstream-timeout"),
      );
      learn(account, keywords);
      return [keywords];
    } catch {
      pausedUntil = clock.monotonic() + PAUSE;
      return [];
    } finally {
      asking = undefined;
    }
  }

  return {
    learn,
    async lists(accounts) {
      const known = accounts.map((account) => parts.stored(account.id));
      const complete = known.filter((list) => list !== undefined);
      if (complete.length === accounts.length) return complete;
      const [only, ...others] = accounts;
      // With several accounts the answer would be a guess anyway, and the mail program waits.
      if (only === undefined || others.length > 0 || clock.monotonic() < pausedUntil) return [];
      asking ??= ask(only);
      return asking;
    },
  };
}
