import { describe, expect, test } from "vitest";
import type { SignInRecord, State } from "../../../src/daemon/config/state.ts";
import { createUpstreamUsers } from "../../../src/daemon/upstream-users.ts";
import { createAccount } from "../../support/account.ts";
import { settle } from "../../support/fake-clock.ts";
import { createMemoryDocument } from "../../support/memory-document.ts";

const ALIAS = createAccount({ email: "alias@example.com" });

function start(record: Partial<SignInRecord> = {}) {
  const signIn: SignInRecord = {
    at: 0,
    identity: "alice@example.com",
    missingScopes: [],
    workingUsers: {},
    ...record,
  };
  const state = createMemoryDocument<State>({
    version: 2,
    passwords: [],
    signIns: { [ALIAS.id]: signIn },
    leftInKeychain: [],
    smtpKeywords: {},
  });
  const failures: unknown[] = [];
  return { state, failures, users: createUpstreamUsers(state, (error) => failures.push(error)) };
}

describe("the user name at a mail server", () => {
  test("that is worth a second try is the one under which the person signed in", () => {
    const { users } = start();
    expect(users.alternative(ALIAS, "imap")).toBe("alice@example.com");
    expect(users.alternative(createAccount({ email: "Alice@Example.com" }), "imap")).toBeUndefined();
  });

  test.each<[string, Parameters<typeof createAccount>[0], "imap" | "smtp"]>([
    ["a person has chosen one", { imapUser: "EXAMPLE\\alias" }, "imap"],
    ["a person has chosen one", { smtpUser: "relay" }, "smtp"],
    ["somebody signs in for the mailbox", { owner: "delegate@example.com" }, "imap"],
  ])("has no second try where %s", (_why, changes, protocol) => {
    const { users } = start();
    expect(
      users.alternative(createAccount({ email: "alias@example.com", ...changes }), protocol),
    ).toBeUndefined();
  });

  test("has no second try where the provider did not say who signed in, or nobody has", () => {
    const { users } = start({ identity: undefined });
    expect(users.alternative(ALIAS, "imap")).toBeUndefined();
    expect(users.alternative(createAccount({ id: "unknown" }), "imap")).toBeUndefined();
  });

  test("that has worked is remembered, for its protocol", async () => {
    const { users, state } = start();
    users.worked(ALIAS, "imap", "alice@example.com");
    await settle();
    expect(users.remembered(ALIAS, "imap")).toBe("alice@example.com");
    expect(users.remembered(ALIAS, "smtp")).toBeUndefined();
    users.worked(ALIAS, "imap", "alice@example.com");
    await settle();
    expect(state.writes).toBe(1);
  });

  test("of the account itself is noted down only where another one had been", async () => {
    const { users, state } = start();
    users.worked(ALIAS, "imap", "alias@example.com");
    await settle();
    expect(state.writes).toBe(0);
    users.worked(ALIAS, "imap", "alice@example.com");
    await settle();
    users.worked(ALIAS, "imap", "alias@example.com");
    await settle();
    expect(users.remembered(ALIAS, "imap")).toBe("alias@example.com");
  });

  test("that could not be noted down costs no login", async () => {
    const { users, state, failures } = start();
    state.failing = true;
    users.worked(ALIAS, "imap", "alice@example.com");
    await settle();
    expect(failures).toHaveLength(1);
  });
});
