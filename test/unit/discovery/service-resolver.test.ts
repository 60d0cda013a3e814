import { describe, expect, onTestFinished, test } from "vitest";
import { createServiceResolver } from "../../../src/discovery/service-resolver.ts";
import { type DnsServerOptions, startDnsServer } from "../../support/dns-server.ts";
import { failureOf } from "../../support/failure-of.ts";

async function ask(name: string, options: DnsServerOptions) {
  const server = await startDnsServer(options);
  onTestFinished(() => server.close());
  return createServiceResolver({ POSTERN_DNS_SERVER: server.address })(name);
}

const NAME = "_imaps._tcp.example.test";

describe("asking DNS for a service", () => {
  test("gives the records of the server that the environment names", async () => {
    const services = { [NAME]: [{ target: "imap.example.test", port: 993, priority: 5, weight: 7 }] };
    expect(await ask(NAME, { services })).toMatchObject([
      { name: "imap.example.test", port: 993, priority: 5, weight: 7 },
    ]);
  });

  test("gives none where the name does not exist, and where it has none", async () => {
    expect(await ask(NAME, {})).toEqual([]);
    expect(await ask(NAME, { services: { [NAME]: [] } })).toEqual([]);
  });

  test("fails on 4,000 octets of garbage", async () => {
    await expect(ask(NAME, { answerTo: () => Buffer.alloc(4000, 0xc0) })).rejects.toMatchObject({
      code: "EBADRESP",
    });
  });

  test.each(["localhost:53", "dns.example.test", "127.0.0.1:99999", "nonsense"])(
    "%s is no server to ask",
    async (text) => {
      const failure = await failureOf(() => createServiceResolver({ POSTERN_DNS_SERVER: text }));
      expect(failure.code).toBe("request-invalid");
      expect(failure.detail).toContain("POSTERN_DNS_SERVER");
    },
  );

  test.each(["127.0.0.1", "127.0.0.1:5353", "[::1]:5353"])("%s is one", (text) => {
    expect(() => createServiceResolver({ POSTERN_DNS_SERVER: text })).not.toThrow();
  });
});
