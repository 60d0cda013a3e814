// A browser's way in: the address serves once, and what it was exchanged for stays with the tab.
import { expect, test } from "vitest";
import { openSession, parseSecret, type SessionPlace } from "../../../renderer/session.ts";

interface Tab extends SessionPlace {
  readonly kept: Map<string, string>;
  readonly addresses: string[];
  readonly asked: string[];
}

function tab(
  hash: string,
  answers: Readonly<Record<string, string>> = {},
  kept = new Map<string, string>(),
): Tab {
  const addresses: string[] = [];
  const asked: string[] = [];
  return {
    hash,
    kept,
    addresses,
    asked,
    storage: { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) },
    replaceHash: (next) => void addresses.push(next),
    async exchange(secret) {
      asked.push(secret);
      return answers[secret];
    },
  };
}

test("the secret of the address is exchanged, and leaves the address before that", async () => {
  const place = tab("#/open?secret=once", { once: "bearer" });
  const session = await openSession(place);
  expect(session.bearer()).toBe("bearer");
  expect(place.addresses).toEqual(["#/"]);
  expect([...place.kept.values()]).toEqual(["bearer"]);
});

test("a reload keeps the tab's own, and asks nothing", async () => {
  const { kept } = tab("#/");
  await openSession(tab("#/open?secret=once", { once: "bearer" }, kept));
  const again = tab("#/settings", {}, kept);
  expect((await openSession(again)).bearer()).toBe("bearer");
  expect(again.asked).toEqual([]);
  expect(again.addresses).toEqual([]);
});

test("a spent address leaves a tab what it has, and a new tab nothing", async () => {
  const { kept } = tab("#/");
  await openSession(tab("#/open?secret=once", { once: "bearer" }, kept));
  expect((await openSession(tab("#/open?secret=once", {}, kept))).bearer()).toBe("bearer");
  expect((await openSession(tab("#/open?secret=once"))).bearer()).toBeUndefined();
});

test("in Electron there is no secret, and none is asked for", async () => {
  const place = tab("");
  expect((await openSession(place)).bearer()).toBeUndefined();
  expect(place.asked).toEqual([]);
});

test.each([
  ["#/open?secret=a%2Bb", "a+b"],
  ["#/open?other=1", undefined],
  ["#/opened?secret=a", undefined],
  ["#/account/x?secret=a", undefined],
])("%s has the secret %s", (hash, secret) => {
  expect(parseSecret(hash)).toBe(secret);
});
