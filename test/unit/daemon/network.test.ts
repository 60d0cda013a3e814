import { describe, expect, test } from "vitest";
import { createNetwork, type NetworkParts } from "../../../src/daemon/network.ts";
import { PosternError } from "../../../src/errors/postern-error.ts";
import { proxyPassword } from "../../../src/secret/secret.ts";
import { failureOf } from "../../support/failure-of.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

interface Rig {
  readonly parts: NetworkParts;
  settings: { signInProxy: string; mailProxy: string };
  password: string | undefined;
  asked: number;
  trusted: number;
}

function rig(changes: Partial<NetworkParts> = {}): Rig {
  const made: Rig = {
    settings: { signInProxy: "environment", mailProxy: "none" },
    password: "sesame",
    asked: 0,
    trusted: 0,
    parts: {
      settings: () => made.settings,
      env: { HTTPS_PROXY: "http://them:theirs@corp:3128" },
      async proxyPassword() {
        made.asked += 1;
        return made.password === undefined ? undefined : proxyPassword(made.password);
      },
      clock: createFakeClock(),
      authorities: {
        putInPlace() {
          made.trusted += 1;
        },
      },
      ...changes,
    },
  };
  return made;
}

test("mail and sign-ins go their own ways, by the settings of the moment", async () => {
  const { parts, settings } = rig();
  const network = createNetwork(parts);
  expect(await network.mailRoute("imap.example.com", 993)).toEqual({ kind: "direct" });
  expect(await network.signInRoute("login.example.com", 443)).toMatchObject({
    kind: "connect",
    host: "corp",
  });
  settings.signInProxy = "none";
  settings.mailProxy = "socks5://other:1080";
  expect(await network.mailRoute("imap.example.com", 993)).toMatchObject({ kind: "socks5", host: "other" });
  expect(await network.signInRoute("login.example.com", 443)).toEqual({ kind: "direct" });
});

test("nobody is told a way before it is settled whose certificates are trusted", async () => {
  const made = rig();
  const network = createNetwork(made.parts);
  await network.mailRoute("imap.example.com", 993);
  expect(made.trusted).toBe(1);
  await network.signInRoute("login.example.com", 443);
  expect(made.trusted).toBe(2);
});

describe("the proxy's password", () => {
  test("comes from the keychain for a user in the settings, and is asked for once", async () => {
    const made = rig();
    made.settings.mailProxy = "http://me@other:3128";
    const network = createNetwork(made.parts);
    const route = await network.mailRoute("imap.example.com", 993);
    expect(route).toMatchObject({ user: "me", password: proxyPassword("sesame") });
    expect("password" in route && route.password?.reveal()).toBe("sesame");
    await network.mailRoute("smtp.example.com", 465);
    expect(made.asked).toBe(1);
  });

  test("is asked for again after it was changed or forgotten", async () => {
    const made = rig();
    made.settings.mailProxy = "http://me@other:3128";
    const network = createNetwork(made.parts);
    await network.mailRoute("imap.example.com", 993);
    made.password = undefined;
    network.forgetProxyPassword();
    const route = await network.mailRoute("imap.example.com", 993);
    expect("password" in route && route.password).toBeUndefined();
  });

  test("is asked for again when the keychain failed", async () => {
    let locked = true;
    const made = rig({
      async proxyPassword() {
        if (locked) throw new PosternError("keychain-locked");
        return proxyPassword("sesame");
      },
    });
    made.settings.mailProxy = "http://me@other:3128";
    const network = createNetwork(made.parts);
    expect((await failureOf(network.mailRoute("imap.example.com", 993))).code).toBe("keychain-locked");
    locked = false;
    expect(await network.mailRoute("imap.example.com", 993)).toMatchObject({ user: "me" });
  });

  test("is not taken from the keychain where nothing asks for it", async () => {
    const made = rig();
    made.settings.mailProxy = "http://other:3128";
    const network = createNetwork(made.parts);
    await network.mailRoute("imap.example.com", 993);
    const route = await network.signInRoute("login.example.com", 443);
    // The environment has its own.
    expect("password" in route && route.password?.reveal()).toBe("theirs");
    expect(made.asked).toBe(0);
  });
});

test("a setting that cannot be used is a failure, also of fetch", async () => {
  const made = rig();
  made.settings = { signInProxy: "nonsense:", mailProxy: "nonsense:" };
  const network = createNetwork(made.parts);
  expect((await failureOf(network.mailRoute("imap.example.com", 993))).code).toBe("proxy-invalid");
  await expect(network.fetch("https://login.example.com/", {})).rejects.toMatchObject({
    name: "TypeError",
    cause: { code: "proxy-invalid" },
  });
});
