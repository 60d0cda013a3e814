import { describe, expect, test } from "vitest";
import type { OAuthAccount } from "../../../src/account/account.ts";
import { createUpstreamNames } from "../../../src/proxy/upstream-names.ts";
import { createAccount } from "../../support/account.ts";

const OWN = "alias@example.com";
const IDENTITY = "alice@example.com";

/** @param remembered what an earlier run noted down */
function start(
  options: { remembered?: string; alternative?: string | undefined; account?: Partial<OAuthAccount> } = {},
) {
  const { remembered, alternative = IDENTITY } = options;
  const account = createAccount({ email: OWN, ...options.account });
  const notes: string[] = remembered === undefined ? [] : [remembered];
  const names = createUpstreamNames({
    remembered: () => notes.at(-1),
    alternative: () => alternative,
    worked: (_account, _protocol, user) => void notes.push(user),
  });
  const tries = (): readonly [string, string] => names.tries(account, "imap");
  return { names, account, tries, notes };
}

describe("the name to log in under", () => {
  test("is the account's own first, and where that is refused, the one under which the provider knows its person", () => {
    expect(start().tries()).toEqual([OWN, IDENTITY]);
  });

  test("is the account's own twice where there is no other", () => {
    const names = createUpstreamNames({
      remembered: () => undefined,
      alternative: () => undefined,
      worked: () => {},
    });
    expect(names.tries(createAccount({ email: OWN }), "imap")).toEqual([OWN, OWN]);
  });

  test("is what has worked, from then on, and its refusal is about the token", () => {
    const { names, account, tries, notes } = start();
    names.worked(account, "imap", IDENTITY);
    expect(tries()).toEqual([IDENTITY, IDENTITY]);
    names.worked(account, "imap", IDENTITY);
    expect(notes).toEqual([IDENTITY]);
  });

  test("is what worked in an earlier run", () => {
    expect(start({ remembered: IDENTITY }).tries()).toEqual([IDENTITY, IDENTITY]);
  });

  test("stays the account's own where that works, without a note, and its refusal is about the token", () => {
    const { names, account, tries, notes } = start();
    names.worked(account, "imap", OWN);
    expect(tries()).toEqual([OWN, OWN]);
    expect(notes).toEqual([]);
  });

  test("is doubted when it was refused with a new token as well: then the other one is tried", () => {
    const { names, account, tries, notes } = start({ remembered: IDENTITY });
    names.refused(account, "imap");
    expect(tries()).toEqual([IDENTITY, OWN]);
    names.worked(account, "imap", OWN);
    expect(tries()).toEqual([OWN, OWN]);
    expect(notes.at(-1)).toBe(OWN);
  });

  test("is another one next time where there was no mailbox behind it, until there is", () => {
    const { names, account, tries } = start();
    names.worked(account, "imap", OWN);
    names.hasMailbox(account, OWN, false);
    expect(tries()).toEqual([IDENTITY, OWN]);
    names.hasMailbox(account, OWN, true);
    expect(tries()).toEqual([OWN, OWN]);
  });

  test("is found where the own name has no mailbox: the other one has, and stays", () => {
    const { names, account, tries } = start();
    names.worked(account, "imap", OWN);
    names.hasMailbox(account, OWN, false);
    names.worked(account, "imap", IDENTITY);
    names.hasMailbox(account, IDENTITY, true);
    expect(tries()).toEqual([IDENTITY, IDENTITY]);
  });

  test("is the one that a person chose, whatever has worked before", () => {
    const { tries } = start({ remembered: IDENTITY, account: { imapUser: "chosen" } });
    expect(tries()).toEqual(["chosen", "chosen"]);
  });

  test("is another one for each protocol and account", () => {
    const { names, account, tries } = start({ account: { owner: "bob@example.com" } });
    names.hasMailbox(account, OWN, false);
    names.refused(account, "imap");
    expect(tries()).toEqual([IDENTITY, OWN]);
    expect(names.tries(account, "smtp")).toEqual(["bob@example.com", IDENTITY]);
    expect(names.tries({ ...account, id: "other" }, "imap")).toEqual([OWN, IDENTITY]);
  });
});

describe("logins come to the right name", () => {
  for (const right of [OWN, IDENTITY]) {
    for (const remembered of [undefined, OWN, IDENTITY]) {
      test(`within two, and stay there: ${right} is right, ${remembered ?? "nothing"} was noted`, () => {
        const { names, account, tries } = start(remembered === undefined ? {} : { remembered });
        const logIn = (): number => {
          const place = tries().indexOf(right);
          if (place < 0) names.refused(account, "imap");
          else names.worked(account, "imap", right);
          return place;
        };
        logIn();
        expect([0, 1]).toContain(logIn());
        expect(logIn()).toBe(0);
      });
    }
  }
});
