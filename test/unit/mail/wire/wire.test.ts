import { describe, expect, test } from "vitest";
import { createWire } from "../../../../src/mail/wire/wire.ts";
import { createConversation, drain } from "../../../support/conversation.ts";
import { createFakeClock, settle } from "../../../support/fake-clock.ts";

describe("closing a wire", () => {
  test("delivers the last words, then ends", async () => {
    const mua = createConversation();
    createWire(mua.near, createFakeClock()).close("* BYE\r\n");
    expect(await mua.heard()).toBe("* BYE\r\n");
    expect(mua.hasEnded()).toBe(true);
  });

  test("delivers what was written before, then the last words", async () => {
    const mua = createConversation();
    const wire = createWire(mua.near, createFakeClock());
    wire.write("a OK\r\n");
    wire.close("* BYE\r\n");
    expect(await mua.heard()).toBe("a OK\r\n* BYE\r\n");
  });

  test("reads away what is still coming, so that no reset overtakes the last words", async () => {
    const mua = createConversation();
    const wire = createWire(mua.near, createFakeClock());
    wire.close("* BYE\r\n");
    mua.send("x".repeat(200_000));
    await settle();
    expect(mua.far.writableLength).toBe(0);
    expect(mua.near.readableLength).toBe(0);
  });

  test("gives the end to whoever reads, and lets nothing follow the last words", async () => {
    const mua = createConversation();
    const wire = createWire(mua.near, createFakeClock());
    const line = wire.reader.readLine(100, 100);
    await settle();
    wire.close("* BYE\r\n");
    wire.write("a OK\r\n");
    wire.close("* BYE again\r\n");
    mua.send("a NOOP\r\n");
    expect(await line).toEqual({ kind: "end" });
    expect(await mua.heard()).toBe("* BYE\r\n");
  });

  test("waits two seconds for the other side, and no longer", async () => {
    const clock = createFakeClock();
    const mua = createConversation();
    createWire(mua.near, clock).close("* BYE\r\n");
    await clock.advance(1999);
    expect(mua.near.destroyed).toBe(false);
    await clock.advance(1);
    expect(mua.near.destroyed).toBe(true);
  });

  test("leaves no timer behind when the other side closes in time", async () => {
    const clock = createFakeClock();
    const mua = createConversation();
    createWire(mua.near, clock).close();
    mua.far.end();
    await settle();
    expect(clock.scheduled()).toBe(0);
  });
});

describe("a wire whose stream has failed", () => {
  test("ends its reader instead of throwing, and swallows what is written", async () => {
    const mua = createConversation();
    const wire = createWire(mua.near, createFakeClock());
    const line = wire.reader.readLine(100, 100);
    mua.near.destroy(new Error("ECONNRESET"));
    expect(await line).toEqual({ kind: "end" });
    expect(() => {
      wire.write("lost\r\n");
      wire.close("lost too\r\n");
    }).not.toThrow();
    await settle();
  });
});

test("text is sent as UTF-8, octets as they are", async () => {
  const mua = createConversation();
  const wire = createWire(mua.near, createFakeClock());
  wire.write("ü");
  wire.write(Buffer.from([0xff, 0x00]));
  expect(await mua.heard()).toBe("\xc3\xbc\xff\x00");
});

test("a released stream goes on with the first octet that was not read", async () => {
  const mua = createConversation();
  const wire = createWire(mua.near, createFakeClock());
  mua.send("line\r\nrest");
  await wire.reader.readLine(100, 100);
  const released = wire.release();
  mua.send(" and more");
  expect((await drain(released)).toString()).toBe("rest and more");
});
