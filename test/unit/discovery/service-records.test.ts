import { describe, expect, test } from "vitest";
import { readOffer, type ServiceRecord } from "../../../src/discovery/service-records.ts";

const record = (name: string, changes: Partial<ServiceRecord> = {}): ServiceRecord => ({
  name,
  port: 993,
  priority: 0,
  weight: 0,
  ...changes,
});

const hostsOf = (...records: ServiceRecord[]): string[] => {
  const offer = readOffer(records, "implicit");
  return offer.kind === "servers" ? offer.servers.map(({ host }) => host) : [];
};

describe("SRV records", () => {
  test("are tried by priority, then weight, the same way each time", () => {
    const records = [
      record("last.test", { priority: 20, weight: 100 }),
      record("second.test", { priority: 10, weight: 5 }),
      record("first.test", { priority: 10, weight: 60 }),
    ];
    for (let time = 0; time < 20; time += 1) {
      expect(hostsOf(...records)).toEqual(["first.test", "second.test", "last.test"]);
    }
  });

  test("carry port and TLS into the account, the name in lower case and without its root", () => {
    expect(readOffer([record("IMAP.Example.Test.", { port: 1993 })], "starttls")).toEqual({
      kind: "servers",
      servers: [{ host: "imap.example.test", port: 1993, tls: "starttls" }],
    });
  });

  test.each(["", "."])("with the root %j alone decline the service", (name) => {
    expect(readOffer([record(name, { port: 0 })], "implicit")).toEqual({ kind: "declined" });
  });

  test("that do not exist say nothing", () => {
    expect(readOffer([], "implicit")).toEqual({ kind: "nothing" });
  });

  test.each([
    ["an address", record("127.0.0.1")],
    ["an address in short", record("127.1")],
    ["4,000 octets of garbage", record("\xff".repeat(4000))],
    ["4,000 octets of letters", record("x".repeat(4000))],
    ["a name with a line end", record("imap.test\r\nevil")],
    ["port 0", record("imap.test", { port: 0 })],
    ["port 65536", record("imap.test", { port: 65_536 })],
    ["no port", record("imap.test", { port: Number.NaN })],
  ])("to %s are not used", (_what, bad) => {
    expect(readOffer([bad], "implicit")).toEqual({ kind: "nothing" });
    expect(hostsOf(bad, record("good.test"))).toEqual(["good.test"]);
  });

  test("are not all used when there are 500", () => {
    const many = Array.from({ length: 500 }, (_, index) => record(`host${index}.test`));
    expect(hostsOf(...many)).toEqual(["host0.test", "host1.test", "host2.test", "host3.test"]);
  });
});
