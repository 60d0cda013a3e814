import { describe, expect, test } from "vitest";
import { createOneFirst } from "../../../src/proxy/one-first.ts";
import { createFakeClock, settle } from "../../support/fake-clock.ts";

const DEADLINE = 20_000;

function start() {
  const clock = createFakeClock();
  const { try: tryFirst } = createOneFirst(clock, DEADLINE);
  const tries: PromiseWithResolvers<string>[] = [];
  const gone = { yes: false };
  const login = (key = "a"): Promise<string> =>
    tryFirst(
      key,
      () => {
        const outcome = Promise.withResolvers<string>();
        tries.push(outcome);
        return outcome.promise;
      },
      () => gone.yes,
      () => new Error("gone"),
    ).catch(String);
  return { clock, tries, login, gone };
}

describe("of many at a time", () => {
  test("one tries, and when it has worked all the others do", async () => {
    const { tries, login } = start();
    const logins = [login(), login(), login()];
    await settle();
    expect(tries).toHaveLength(1);
    tries[0]?.resolve("in");
    await settle();
    expect(tries).toHaveLength(3);
    for (const one of tries) one.resolve("in");
    expect(await Promise.all(logins)).toEqual(["in", "in", "in"]);
  });

  test("one tries, and when it has failed the next one does, alone too", async () => {
    const { tries, login } = start();
    const logins = [login(), login(), login()];
    for (const count of [1, 2, 3]) {
      await settle();
      expect(tries).toHaveLength(count);
      tries[count - 1]?.reject(new Error(`no ${count}`));
    }
    expect(await Promise.all(logins)).toEqual(["Error: no 1", "Error: no 2", "Error: no 3"]);
  });

  test("nobody waits for somebody else's mailbox, nor for a try that never ends", async () => {
    const { tries, login, clock } = start();
    void login("a");
    void login("a");
    void login("b");
    await settle();
    expect(tries).toHaveLength(2);
    await clock.advance(DEADLINE);
    expect(tries).toHaveLength(3);
  });

  test("who has gone meanwhile does not try", async () => {
    const { tries, login, gone } = start();
    void login();
    const second = login();
    gone.yes = true;
    tries[0]?.resolve("in");
    expect(await second).toBe("Error: gone");
    expect(tries).toHaveLength(1);
  });
});
