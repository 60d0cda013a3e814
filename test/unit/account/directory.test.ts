import { describe, expect, test } from "vitest";
import { createDirectory } from "../../../src/account/directory.ts";
import { hashLocalPassword } from "../../../src/account/local-password.ts";
import { localPassword } from "../../../src/secret/secret.ts";
import { createAccount } from "../../support/account.ts";
import { failureOf } from "../../support/failure-of.ts";

const ALICE = createAccount({ id: "a", email: "Alice@bücher.example" });
const BOB = createAccount({ id: "b", email: "bob@example.com" });
const record = (accountId: string, name: string, text: string) =>
  hashLocalPassword(accountId, name, localPassword(text), 0);
const records = [
  record("a", "laptop", "alice's laptop"),
  record("a", "phone", "alice's phone"),
  record("b", "laptop", "bob's laptop"),
];
const directory = createDirectory(
  () => [ALICE, BOB],
  () => records,
);

describe("a local password", () => {
  test.each([
    ["Alice@bücher.example", "alice's laptop", "a", "laptop"],
    ["alice@xn--bcher-kva.example", "alice's phone", "a", "phone"],
    ["BOB@example.com", "bob's laptop", "b", "laptop"],
  ])("opens for %s with %j the account %s, as %s", (userName, text, id, passwordName) => {
    const verified = directory.verify(userName, localPassword(text));
    expect([verified.account.id, verified.passwordName]).toEqual([id, passwordName]);
  });

  test.each([
    ["of somebody else", "bob@example.com", "alice's laptop"],
    ["that is wrong", "bob@example.com", "guess"],
    ["that is empty", "bob@example.com", ""],
    ["for nobody we know", "carol@example.com", "bob's laptop"],
    ["for the empty name", "", ""],
    ["for the name of no account, with no password", "carol@example.com", ""],
  ])("%s is refused in the same words", async (_what, userName, text) => {
    const failure = await failureOf(() => directory.verify(userName, localPassword(text)));
    expect([failure.wireText, failure.entry.category, failure.detail]).toEqual([
      "Use the password shown in Postern",
      "local-password",
      undefined,
    ]);
  });

  test("that is wrong is told apart from an unknown user name, for the person who may look", async () => {
    const codeFor = async (userName: string) =>
      (await failureOf(() => directory.verify(userName, localPassword("guess")))).code;
    expect(await codeFor("bob@example.com")).toBe("wrong-local-password");
    expect(await codeFor("carol@example.com")).toBe("local-user-unknown");
  });

  test("costs an unknown user name a hash too, so that nobody is told by the time which names exist", async () => {
    let hashed = 0;
    const password = new Proxy(localPassword("guess"), {
      get(target, key) {
        if (key === "reveal") hashed += 1;
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const count = async (userName: string): Promise<number> => {
      hashed = 0;
      await failureOf(() => directory.verify(userName, password));
      return hashed;
    };
    expect(await count("bob@example.com")).toBe(1);
    expect(await count("carol@example.com")).toBe(1);
  });

  test("of an account without any is refused", async () => {
    const empty = createDirectory(
      () => [ALICE],
      () => [],
    );
    expect((await failureOf(() => empty.verify(ALICE.email, localPassword("x")))).code).toBe(
      "wrong-local-password",
    );
  });

  test("of an account that has been removed is refused", async () => {
    const left = createDirectory(
      () => [BOB],
      () => records,
    );
    expect((await failureOf(() => left.verify(ALICE.email, localPassword("alice's laptop")))).code).toBe(
      "local-user-unknown",
    );
  });
});
