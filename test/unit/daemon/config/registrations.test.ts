// How far somebody is on the way to a client id: kept in a file beside the configuration, its secret in the keychain.
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createRegistrations } from "../../../../src/daemon/config/registrations.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { createMemoryKeychain } from "../../../support/memory-keychain.ts";
import { createTemporaryFolder } from "../../../support/temporary-folder.ts";

const SECRET = { purpose: "client-secret", accountId: "provider-google" } as const;

function start(
  path = join(createTemporaryFolder(), "registrations.json"),
  keychain = createMemoryKeychain(),
) {
  const open = () => createRegistrations({ path, keychain, clock: createFakeClock() });
  return { path, keychain, registrations: open(), again: open };
}

describe("what is known", () => {
  test("is nothing at first, and no file is made by asking", async () => {
    const { registrations, path } = start();
    expect(await registrations.show("google")).toEqual({
      provider: "google",
      done: [],
      hasClientSecret: false,
    });
    expect(() => statSync(path)).toThrow("ENOENT");
  });

  test("is there again after a restart, each provider's by itself", async () => {
    const { registrations, again } = start();
    await registrations.save("google", { done: ["project"], clientId: "c-1" });
    await registrations.save("google", { done: ["gmail-api", "project"] });
    await registrations.save("microsoft-365", { tenant: "contoso.com" });
    const reopened = again();
    expect(await reopened.show("google")).toEqual({
      provider: "google",
      done: ["project", "gmail-api"],
      clientId: "c-1",
      hasClientSecret: false,
    });
    expect(await reopened.show("microsoft-365")).toMatchObject({ done: [], tenant: "contoso.com" });
  });

  test("is forgotten by beginning again, the secret too", async () => {
    const { registrations, keychain } = start();
    await registrations.save("google", { done: ["project"], clientId: "c-1", clientSecret: "s3cret" });
    expect(await registrations.save("google", { restart: true, done: ["gmail-api"] })).toEqual({
      provider: "google",
      done: ["gmail-api"],
      hasClientSecret: false,
    });
    expect(keychain.texts(SECRET)).toBeUndefined();
  });

  test("may begin again with another secret", async () => {
    const { registrations, keychain } = start();
    await registrations.save("google", { clientSecret: "old-secret" });
    await registrations.save("google", { restart: true, clientSecret: "new-secret" });
    expect(keychain.texts(SECRET)).toEqual({ current: "new-secret", predecessor: undefined });
  });

  test("of a damaged file is set aside and told", async () => {
    const { path, again } = start();
    writeFileSync(path, "{ not json");
    const registrations = again();
    expect(await registrations.show("google")).toMatchObject({ done: [] });
    expect(await registrations.damage()).toMatchObject({ reason: "it is not JSON" });
  });

  test("of a newer version is left as it is", async () => {
    const { path, again } = start();
    writeFileSync(path, '{"version":2}');
    expect((await failureOf(again().show("google"))).code).toBe("state-from-the-future");
    expect(readFileSync(path, "utf8")).toBe('{"version":2}');
  });
});

describe("the secret", () => {
  test("is in the keychain, and in no file", async () => {
    const { registrations, keychain, path } = start();
    const shown = await registrations.save("google", { clientId: "c-1", clientSecret: "s3cret-s3cret" });
    expect(shown.hasClientSecret).toBe(true);
    expect(keychain.texts(SECRET)?.current).toBe("s3cret-s3cret");
    expect(readFileSync(path, "utf8")).not.toContain("s3cret");
  });

  test("is not said to be there when the keychain would not take it", async () => {
    const { registrations, keychain } = start();
    keychain.failWrites(1);
    const failure = await failureOf(registrations.save("google", { clientSecret: "s3cret" }));
    expect(failure.code).toBe("keychain-failed");
    expect((await registrations.show("google")).hasClientSecret).toBe(false);
  });

  test("that is gone from the keychain is missed, not passed over", async () => {
    const { registrations, keychain } = start();
    await registrations.save("google", { clientId: "c-1", clientSecret: "s3cret" });
    await keychain.remove(SECRET);
    expect((await failureOf(registrations.clientOf("google"))).code).toBe("keychain-entry-missing");
  });
});

describe("what an account takes", () => {
  test("is client id, secret and tenant of its provider", async () => {
    const { registrations } = start();
    await registrations.save("google", { clientId: "c-1", clientSecret: "s3cret", tenant: "t.example" });
    const client = await registrations.clientOf("google");
    expect(client).toMatchObject({ clientId: "c-1", tenant: "t.example" });
    expect(client?.clientSecret?.reveal()).toBe("s3cret");
    expect(JSON.stringify(client)).not.toContain("s3cret");
  });

  test("is nothing while there is no client id, or where it is another server's", async () => {
    const { registrations } = start();
    await registrations.save("generic", { clientId: "c-1", issuer: "https://login.example.org" });
    expect(await registrations.clientOf("google")).toBeUndefined();
    expect(await registrations.clientOf("generic")).toBeUndefined();
    expect(await registrations.clientOf("generic", "https://login.example.com")).toBeUndefined();
    expect(await registrations.clientOf("generic", "https://login.example.org")).toMatchObject({
      clientId: "c-1",
    });
  });
});
