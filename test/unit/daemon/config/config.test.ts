import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { accountsOf, openConfig } from "../../../../src/daemon/config/config.ts";
import { openState } from "../../../../src/daemon/config/state.ts";
import { createAccount } from "../../../support/account.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { createTemporaryFolder } from "../../../support/temporary-folder.ts";

const NETWORK = { systemAuthorities: true, signInProxy: "environment", mailProxy: "none" };
const FRONTS = { notifications: true, language: "system" };
const SETTINGS = { imapPort: 2143, smtpPort: 2587, failureStyle: "gentle", ...NETWORK, ...FRONTS };
const good = { version: 3, settings: SETTINGS, accounts: [createAccount()] };

async function open(content: unknown) {
  const path = join(createTemporaryFolder(), "config.json");
  writeFileSync(path, JSON.stringify(content));
  return openConfig(path, createFakeClock());
}

describe("the configuration", () => {
  test("begins without accounts, on ports that Bridge and DavMail leave free", async () => {
    const config = await openConfig(join(createTemporaryFolder(), "config.json"), createFakeClock());
    expect(config.current()).toEqual({ version: 3, settings: SETTINGS, accounts: [] });
  });

  test("is read with its accounts", async () => {
    const config = await open(good);
    expect(config.damage).toBeUndefined();
    expect(accountsOf(config.current())).toEqual([createAccount()]);
  });

  test("of version 1 is lifted: its redirect path becomes a whole URI, and nothing is opened", async () => {
    const { redirectUri: _uri, tokenAccess: _access, ...account } = createAccount();
    const config = await open({
      version: 1,
      settings: { imapPort: 1143, smtpPort: 2587, failureStyle: "strict", authorityFile: "/ca.pem" },
      accounts: [{ ...account, redirectPath: "/other" }],
    });
    expect(config.damage).toBeUndefined();
    expect(config.current()).toEqual({
      version: 3,
      settings: {
        ...NETWORK,
        ...FRONTS,
        imapPort: 1143,
        smtpPort: 2587,
        failureStyle: "strict",
        authorityFile: "/ca.pem",
      },
      accounts: [{ ...account, redirectUri: "http://127.0.0.1/other", tokenAccess: false }],
    });
  });

  test("of version 2, which knew no window, keeps every setting", async () => {
    const settings = {
      ...NETWORK,
      imapPort: 1143,
      smtpPort: 1025,
      failureStyle: "strict",
      mailProxy: "environment",
    };
    const config = await open({ version: 2, settings, accounts: [createAccount()] });
    expect(config.damage).toBeUndefined();
    expect(config.current()).toEqual({
      version: 3,
      settings: { ...settings, ...FRONTS },
      accounts: [createAccount()],
    });
  });

  test.each<[string, unknown]>([
    ["an unknown key", { ...good, preload: "evil.js" }],
    ["an unknown setting", { ...good, settings: { ...SETTINGS, bind: "0.0.0.0" } }],
    ["a hook", { ...good, settings: { ...SETTINGS, onLogin: "rm -rf /" } }],
    ["a port that is none", { ...good, settings: { ...SETTINGS, imapPort: 70_000 } }],
    [
      "a token URL without TLS",
      {
        ...good,
        accounts: [
          createAccount({ endpoints: { authorization: "https://a.example", token: "http://t.example" } }),
        ],
      },
    ],
    [
      "an account with an unknown key",
      { ...good, accounts: [{ ...createAccount(), rejectUnauthorized: false }] },
    ],
    [
      "an account without TLS",
      { ...good, accounts: [{ ...createAccount(), imap: { host: "h", port: 143, tls: "none" } }] },
    ],
    ["an account without an id", { ...good, accounts: [{ ...createAccount(), id: "" }] }],
  ])("is not taken with %s, nor is any of it used", async (_what, content) => {
    const config = await open(content);
    expect(config.damage).toBeDefined();
    expect(config.current().accounts).toEqual([]);
  });
});

describe("the state", () => {
  test("is harmless though an account is called __proto__", async () => {
    const path = join(createTemporaryFolder(), "state.json");
    writeFileSync(
      path,
      '{"version":2,"passwords":[],"signIns":{},"leftInKeychain":[],"smtpKeywords":{"__proto__":["DSN"],"a":["SIZE 1"]}}',
    );
    const state = await openState(path, createFakeClock());
    expect(state.current().smtpKeywords.a).toEqual(["SIZE 1"]);
    expect(Array.isArray(Object.getPrototypeOf(state.current().smtpKeywords))).toBe(false);
  });

  test("of the version before keeps who has signed in, without knowing when or as whom", async () => {
    const path = join(createTemporaryFolder(), "state.json");
    const before = { version: 1, passwords: [], signedIn: ["a", "b"], smtpKeywords: { a: ["DSN"] } };
    writeFileSync(path, JSON.stringify(before));
    const state = await openState(path, createFakeClock());
    const record = { at: 0, missingScopes: [], workingUsers: {} };
    expect(state.current()).toEqual({
      version: 2,
      passwords: [],
      signIns: { a: record, b: record },
      leftInKeychain: [],
      smtpKeywords: { a: ["DSN"] },
    });
  });

  test("does not keep a local password, nor would it be taken with one", async () => {
    const path = join(createTemporaryFolder(), "state.json");
    const record = {
      accountId: "a",
      name: "n",
      hash: "AAAA",
      salt: "AAAA",
      createdAt: 0,
      password: "secret",
    };
    const content = JSON.stringify({
      version: 2,
      passwords: [record],
      signIns: {},
      leftInKeychain: [],
      smtpKeywords: {},
    });
    writeFileSync(path, content);
    const state = await openState(path, createFakeClock());
    expect(state.current().passwords).toEqual([]);
    expect(readFileSync(state.damage?.keptAs ?? "", "utf8")).toBe(content);
  });
});
