import { describe, expect, test } from "vitest";
import { createUpstreamLines, refuseInjected } from "../../../../src/mail/wire/upstream-lines.ts";
import { createWire } from "../../../../src/mail/wire/wire.ts";
import { createConversation } from "../../../support/conversation.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { createFakeClock, settle } from "../../../support/fake-clock.ts";

function start() {
  const clock = createFakeClock();
  const server = createConversation();
  const wire = createWire(server.near, clock);
  return { clock, server, wire, lines: createUpstreamLines(wire, clock) };
}

describe("what an upstream server says during its login", () => {
  test("is read line by line, 8-bit octets as Latin-1", async () => {
    const { server, lines } = start();
    server.send(Buffer.from("* OK caf\xe9\r\nnext\r\n", "latin1"));
    expect(await lines.next()).toBe("* OK café");
    expect(await lines.next()).toBe("next");
  });

  test("may fill 64 KiB with its CRLFs, and not an octet more", async () => {
    const { server, lines } = start();
    const line = "x".repeat(1022);
    server.send(`${line}\r\n`.repeat(64));
    for (let number = 0; number < 64; number++) expect(await lines.next()).toBe(line);
    server.send("\r\n");
    expect((await failureOf(lines.next())).code).toBe("upstream-protocol");
  });

  test("may not have a line over 8 KiB", async () => {
    const { server, lines } = start();
    server.send(`${"x".repeat(8192)}\r\n`);
    expect(await lines.next()).toHaveLength(8192);
    server.send(`${"x".repeat(8193)}\r\n`);
    expect((await failureOf(lines.next())).code).toBe("upstream-protocol");
  });

  test("may not go on without CRLF: it is not waited for", async () => {
    const { server, lines } = start();
    const failure = failureOf(lines.next());
    server.send("x".repeat(9000));
    expect((await failure).code).toBe("upstream-protocol");
  });

  test("must come within 30 seconds, counted anew for each line", async () => {
    const { clock, server, lines } = start();
    const first = lines.next();
    await clock.advance(29_999);
    server.send("slow\r\n");
    expect(await first).toBe("slow");
    const second = failureOf(lines.next());
    await clock.advance(30_000);
    expect((await second).code).toBe("upstream-timeout");
    expect(clock.scheduled()).toBe(0);
  });

  test("may be the end of the connection", async () => {
    const { server, lines } = start();
    const failure = failureOf(lines.next());
    server.send("half a line");
    server.far.end();
    expect((await failure).code).toBe("upstream-closed");
  });
});

describe("plain text behind the answer to STARTTLS", () => {
  test.each(["in the same segment", "in the next one"])("is refused %s", async (where) => {
    const { server, wire, lines } = start();
    server.send(where === "in the next one" ? "a OK\r\n" : "a OK\r\n* CAPABILITY AUTH=XOAUTH2\r\n");
    await lines.next();
    if (where === "in the next one") server.send("*");
    await settle();
    expect((await failureOf(() => refuseInjected(wire))).code).toBe("upstream-protocol");
  });

  test("is refused even if it is but the start of a line, and only if there is any", async () => {
    const { server, wire, lines } = start();
    server.send("a OK\r\n");
    await lines.next();
    await settle();
    expect(() => refuseInjected(wire)).not.toThrow();
  });
});
