import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls, TLSSocket } from "node:tls";
import { describe, expect, test } from "vitest";
import { splice } from "../../../../src/mail/wire/splice.ts";
import { createWire, type Released } from "../../../../src/mail/wire/wire.ts";
import { createTestAuthority } from "../../../support/authority.ts";
import { createConversation } from "../../../support/conversation.ts";
import { createFakeClock, settle } from "../../../support/fake-clock.ts";

const whole = (stream: Duplex): Released => ({ stream, unread: Buffer.alloc(0) });

function start() {
  const mua = createConversation();
  const upstream = createConversation();
  const over = splice(whole(mua.near), whole(upstream.near));
  return { mua, upstream, over };
}

/** Two connected sockets on the loopback, half-open where one end has closed. */
async function socketPair(): Promise<[Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  const near = connect({ port: address.port, host: "127.0.0.1", allowHalfOpen: true });
  const [[far]] = (await Promise.all([once(server, "connection"), once(near, "connect")])) as [[Socket], []];
  server.close();
  far.on("error", () => {});
  return [near, far];
}

/** The same inside TLS, as the upstream side is. */
async function tlsPair(): Promise<[TLSSocket, TLSSocket]> {
  const authority = await createTestAuthority();
  const { key, certificate } = await authority.issue(["localhost"]);
  const [near, far] = await socketPair();
  const upstream = new TLSSocket(far, { isServer: true, key, cert: certificate });
  upstream.on("error", () => {});
  const socket = connectTls({ socket: near, servername: "localhost", ca: authority.certificatePem });
  await once(socket, "secureConnect");
  return [socket, upstream];
}

describe("spliced streams", () => {
  test("carry every octet both ways unchanged and in order", async () => {
    const { mua, upstream } = start();
    const everything = Buffer.from(Array.from({ length: 256 }, (_, octet) => octet));
    const smuggling = Buffer.from("\n.\nMAIL FROM:<x>\n\n.\r\n\r.\r\n\r\n.\n");
    mua.send(everything);
    mua.send(smuggling);
    upstream.send(smuggling);
    upstream.send(everything);
    expect(await upstream.heard()).toBe(Buffer.concat([everything, smuggling]).toString("latin1"));
    expect(await mua.heard()).toBe(Buffer.concat([smuggling, everything]).toString("latin1"));
  });

  test("deliver what had arrived before they were spliced", async () => {
    const mua = createConversation();
    const upstream = createConversation();
    mua.send("a2 NOOP\r\n");
    await settle();
    void splice(whole(mua.near), whole(upstream.near));
    expect(await upstream.heard()).toBe("a2 NOOP\r\n");
  });

  test("deliver what was read behind the login first, both ways", async () => {
    const mua = createConversation();
    const upstream = createConversation();
    mua.send("JKL\r\n");
    upstream.send(" 1 EXISTS\r\n");
    await settle();
    void splice(
      { stream: mua.near, unread: Buffer.from("a2 NOOP\r\na3 ") },
      { stream: upstream.near, unread: Buffer.from("*") },
    );
    expect(await upstream.heard()).toBe("a2 NOOP\r\na3 JKL\r\n");
    expect(await mua.heard()).toBe("* 1 EXISTS\r\n");
  });

  test("deliver the last words of a server that closed right behind its answer to the login", async () => {
    const mua = createConversation();
    const upstream = createConversation();
    const wire = createWire(upstream.near, createFakeClock());
    upstream.far.end("P1 OK\r\n* BYE\r\n");
    await settle();
    await wire.reader.readLine(100, 100);
    await settle();
    void splice(whole(mua.near), wire.release());
    expect(await mua.heard()).toBe("* BYE\r\n");
    expect(mua.hasEnded()).toBe(true);
  });

  test("keep a half-close of the mail program a half-close: the answer still arrives", async () => {
    const { mua, upstream, over } = start();
    mua.far.end("QUIT\r\n");
    expect(await upstream.heard()).toBe("QUIT\r\n");
    expect(upstream.hasEnded()).toBe(true);
    expect(mua.hasEnded()).toBe(false);
    upstream.far.end("221 Bye\r\n");
    expect(await mua.heard()).toBe("221 Bye\r\n");
    expect(mua.hasEnded()).toBe(true);
    await over;
  });

  test("keep a half-close of the server a half-close: the mail program can still write", async () => {
    const { mua, upstream, over } = start();
    upstream.far.end("* BYE\r\n");
    expect(await mua.heard()).toBe("* BYE\r\n");
    expect(mua.hasEnded()).toBe(true);
    expect(upstream.hasEnded()).toBe(false);
    mua.far.end("a LOGOUT\r\n");
    expect(await upstream.heard()).toBe("a LOGOUT\r\n");
    await over;
  });

  test.each(["mua", "upstream"] as const)("are both gone at once when the %s side is torn", async (torn) => {
    const { mua, upstream, over } = start();
    mua.send("DATA\r\nhalf a mess");
    await settle();
    (torn === "mua" ? mua : upstream).near.destroy(new Error("ECONNRESET"));
    await over;
    expect([mua.near.destroyed, upstream.near.destroyed]).toEqual([true, true]);
    expect([mua.near.writableFinished, upstream.near.writableFinished]).toEqual([false, false]);
  });

  test("are both gone when one was gone before", async () => {
    const mua = createConversation();
    const upstream = createConversation();
    mua.near.destroy();
    await settle();
    await splice(whole(mua.near), whole(upstream.near));
    expect(upstream.near.destroyed).toBe(true);
  });

  test("do not read faster than a slow reader takes", async () => {
    const { mua, upstream } = start();
    mua.far.pause();
    const chunk = Buffer.alloc(65_536);
    let accepted = 0;
    while (accepted < 1000 && upstream.far.write(chunk)) {
      accepted += 1;
      await settle();
    }
    await settle();
    expect(accepted).toBeLessThan(10);
    expect(mua.near.writableLength + upstream.near.readableLength).toBeLessThan(1_048_576);
  });
});

describe("an observer of spliced streams", () => {
  function startObserved(unread: string, enough: (seen: string) => boolean) {
    const mua = createConversation();
    const upstream = createConversation();
    let seen = "";
    const look = (octets: Buffer): boolean => {
      seen += octets.toString("latin1");
      return !enough(seen);
    };
    void splice(whole(mua.near), { stream: upstream.near, unread: Buffer.from(unread) }, { upstream: look });
    return { mua, upstream, seen: () => seen, listeners: () => upstream.near.listenerCount("data") };
  }

  test("sees what the server says, what was read behind the login first, and nothing of the mail program's", async () => {
    const { mua, upstream, seen } = startObserved("first ", () => false);
    mua.send("secret");
    upstream.send("second ");
    await settle();
    upstream.send("third");
    expect(await mua.heard()).toBe("first second third");
    expect(seen()).toBe("first second third");
  });

  test("comes off the stream when it has seen enough, and the pipe goes on as without it", async () => {
    const { mua, upstream, seen, listeners } = startObserved("", (text) => text.length >= 3);
    expect(listeners()).toBe(2);
    upstream.send("ab");
    await settle();
    upstream.send("cd");
    await settle();
    expect(listeners()).toBe(1);
    upstream.send("ef");
    expect(await mua.heard()).toBe("abcdef");
    expect(seen()).toBe("abcd");
  });

  test("of the mail program's side sees that one only, what was read behind the login first, and comes off likewise", async () => {
    const mua = createConversation();
    const upstream = createConversation();
    let seen = "";
    const look = (octets: Buffer): boolean => {
      seen += octets.toString("latin1");
      return seen.length < 8;
    };
    void splice({ stream: mua.near, unread: Buffer.from("a ID ") }, whole(upstream.near), { mua: look });
    upstream.send("from the server");
    mua.send("NIL");
    await settle();
    expect(mua.near.listenerCount("data")).toBe(1);
    mua.send(" and on");
    expect(await upstream.heard()).toBe("a ID NIL and on");
    expect(seen).toBe("a ID NIL");
  });

  test("is not put on the stream where what was read behind the login was enough", () => {
    expect(startObserved("all", () => true).listeners()).toBe(1);
  });

  test("does not make the server's side read faster than a slow mail program takes", async () => {
    const { mua, upstream } = startObserved("", () => false);
    mua.far.pause();
    const chunk = Buffer.alloc(65_536);
    let accepted = 0;
    while (accepted < 1000 && upstream.far.write(chunk)) {
      accepted += 1;
      await settle();
    }
    expect(accepted).toBeLessThan(10);
  });
});

describe("spliced sockets", () => {
  test("carry megabytes to a slow reader, octet for octet, without heaping them up", async () => {
    const [muaNear, muaFar] = await socketPair();
    const [upstreamNear, upstreamFar] = await socketPair();
    const over = splice(whole(muaNear), whole(upstreamNear));
    const message = randomBytes(8 * 1_048_576);
    upstreamFar.end(message);
    muaFar.pause();
    const received = createHash("sha256");
    let most = 0;
    for await (const chunk of muaFar) {
      received.update(chunk as Buffer);
      most = Math.max(most, muaNear.writableLength + upstreamNear.readableLength);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(received.digest("hex")).toBe(createHash("sha256").update(message).digest("hex"));
    expect(most).toBeLessThan(1_048_576);
    muaFar.end();
    await over;
  });

  test("pass a reset on as a reset, so that half a message never looks sent", async () => {
    const [muaNear, muaFar] = await socketPair();
    const [upstreamNear, upstreamFar] = await socketPair();
    const over = splice(whole(muaNear), whole(upstreamNear));
    const failure = once(upstreamFar, "error");
    upstreamFar.once("data", () => muaFar.resetAndDestroy());
    upstreamFar.on("end", () => expect.unreachable("an orderly end"));
    muaFar.write("DATA\r\nhalf a mess");
    const [error] = (await failure.catch((thrown: unknown) => [thrown])) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNRESET");
    await over;
  });

  test("are both gone when one is torn and the other is TLS, which cannot be reset", async () => {
    const [muaNear, muaFar] = await socketPair();
    const [upstreamNear, upstreamFar] = await tlsPair();
    const over = splice(whole(muaNear), whole(upstreamNear));
    const gone = once(upstreamFar, "end");
    upstreamFar.once("data", () => muaFar.resetAndDestroy());
    muaFar.write("DATA\r\nhalf a mess");
    await Promise.all([over, gone]);
    expect(upstreamNear.writableFinished).toBe(false);
  });
});
