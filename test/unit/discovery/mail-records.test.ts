import { describe, expect, onTestFinished, test } from "vitest";
import { readReceivers } from "../../../src/discovery/mail-records.ts";
import { createMailResolver } from "../../../src/discovery/mail-resolver.ts";
import { type DnsServerOptions, startDnsServer } from "../../support/dns-server.ts";

const record = (exchange: string, priority = 10) => ({ exchange, priority });

describe("the hosts that receive mail", () => {
  test("come by preference, and in the same order each time", () => {
    const records = [record("c.test", 20), record("b.test"), record("a.test"), record("B.Test.")];
    const hosts = ["a.test", "b.test", "c.test"];
    expect(readReceivers(records)).toEqual({ kind: "hosts", hosts });
    expect(readReceivers([...records].reverse())).toEqual({ kind: "hosts", hosts });
  });

  test("are declined by the root alone (RFC 7505)", () => {
    expect(readReceivers([record("", 0)])).toEqual({ kind: "declined" });
    expect(readReceivers([record("."), record("")])).toEqual({ kind: "declined" });
    expect(readReceivers([record("", 0), record("a.test")])).toEqual({ kind: "hosts", hosts: ["a.test"] });
  });

  test.each([
    ["an address", "127.0.0.1"],
    ["a short address", "127.1"],
    ["a number", "2130706433"],
    ["two names", "a.test b.test"],
    ["a path", "a.test/b"],
    ["control characters", "a\u0007.test"],
    ["a long name", `${"a.".repeat(200)}test`],
  ])("are not %s", (_what, exchange) => {
    expect(readReceivers([record(exchange)])).toEqual({ kind: "nothing" });
  });

  test("are none where there are no records, and eight at most", () => {
    expect(readReceivers([])).toEqual({ kind: "nothing" });
    const many = Array.from({ length: 500 }, (_, index) => record(`host${index}.test`, index));
    expect(readReceivers(many)).toEqual({
      kind: "hosts",
      hosts: Array.from({ length: 8 }, (_, index) => `host${index}.test`),
    });
  });
});

describe("asking DNS for them", () => {
  async function ask(domain: string, options: DnsServerOptions) {
    const server = await startDnsServer(options);
    onTestFinished(() => server.close());
    return createMailResolver({ POSTERN_DNS_SERVER: server.address })(domain);
  }

  test("gives the records of the server that the environment names, the null record too", async () => {
    const mail = {
      "a.test": [{ exchange: "mx.a.test", preference: 5 }],
      "b.test": [{ exchange: ".", preference: 0 }],
    };
    expect(await ask("a.test", { mail })).toMatchObject([{ exchange: "mx.a.test", priority: 5 }]);
    expect(readReceivers(await ask("b.test", { mail }))).toEqual({ kind: "declined" });
  });

  test("gives none where the name does not exist, and where it has none", async () => {
    expect(await ask("a.test", {})).toEqual([]);
    expect(await ask("a.test", { mail: { "a.test": [] } })).toEqual([]);
  });

  test("fails on 4,000 octets of garbage", async () => {
    await expect(ask("a.test", { answerTo: () => Buffer.alloc(4000, 0xc0) })).rejects.toMatchObject({
      code: "EBADRESP",
    });
  });
});
