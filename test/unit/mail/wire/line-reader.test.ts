import { PassThrough } from "node:stream";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createLineReader, type Line } from "../../../../src/mail/wire/line-reader.ts";
import { settle } from "../../../support/fake-clock.ts";

/** A stream that gives `pieces`, each in its own turn of the event loop, and then ends. */
function streamOf(...pieces: (string | Buffer)[]): PassThrough {
  const stream = new PassThrough();
  void (async () => {
    for (const piece of pieces) {
      stream.write(piece);
      await settle();
    }
    stream.end();
  })();
  return stream;
}

const told = (line: Line): string => (line.kind === "line" ? line.octets.toString("latin1") : line.kind);

async function readAll(stream: PassThrough, maximum = 100, skipped = 1000): Promise<string[]> {
  const reader = createLineReader(stream);
  const lines: string[] = [];
  for (;;) {
    const line = told(await reader.readLine(maximum, skipped));
    lines.push(line);
    if (line === "end" || line === "flood") return lines;
  }
}

describe("reading lines", () => {
  const octets = Buffer.from("first\r\nsecond\n\r\n\n\xff\x00octets\r\r\nlast\r\n", "latin1");
  const lines = ["first", "second", "", "", "\xff\x00octets\r", "last", "end"];

  test("ends them at CRLF and at a bare LF, and takes one CR off at most", async () => {
    expect(await readAll(streamOf(octets))).toEqual(lines);
  });

  test("does not depend on where the octets were split", async () => {
    for (let offset = 1; offset < octets.length; offset++) {
      const stream = streamOf(octets.subarray(0, offset), octets.subarray(offset));
      expect(await readAll(stream), `split at ${offset}`).toEqual(lines);
    }
  });

  test("does not depend on octets arriving one by one", async () => {
    expect(await readAll(streamOf(...[...octets].map((octet) => Buffer.from([octet]))))).toEqual(lines);
  });

  test("does not give out a line that was cut off by the end", async () => {
    expect(await readAll(streamOf("whole\r\nhalf a li"))).toEqual(["whole", "end"]);
  });

  test("ends when the stream is destroyed while it waits", async () => {
    const stream = new PassThrough();
    const line = createLineReader(stream).readLine(100, 1000);
    await settle();
    stream.destroy();
    expect(told(await line)).toBe("end");
  });

  test("ends when the stream fails while it waits", async () => {
    const stream = new PassThrough();
    stream.on("error", () => {});
    const line = createLineReader(stream).readLine(100, 1000);
    await settle();
    stream.destroy(new Error("ECONNRESET"));
    expect(told(await line)).toBe("end");
  });
});

describe("a line at the limit", () => {
  test.each([
    ["of exactly the maximum is read", 100, "x".repeat(100)],
    ["of one octet more is too long", 101, "too-long"],
  ])("%s, however it is split", async (_what, length, first) => {
    const octets = Buffer.from(`${"x".repeat(length)}\r\nnext\r\n`);
    for (const offset of [1, 99, 100, 101, 102, 103, 104]) {
      const stream = streamOf(octets.subarray(0, offset), octets.subarray(offset));
      expect(await readAll(stream), `split at ${offset}`).toEqual([first, "next", "end"]);
    }
  });

  test("is skipped as a whole when too long, and the next one works", async () => {
    const pieces = Array.from({ length: 9 }, () => "y".repeat(100));
    expect(await readAll(streamOf(...pieces, "\r\nnext\r\n"))).toEqual(["too-long", "next", "end"]);
  });

  test("is a flood beyond what is worth skipping", async () => {
    const pieces = Array.from({ length: 20 }, () => "y".repeat(100));
    expect(await readAll(streamOf(...pieces, "\r\nnext\r\n"))).toEqual(["flood"]);
  });

  test("that never ends is a flood long before memory fills", async () => {
    const stream = new PassThrough({ highWaterMark: 1024 });
    let sent = 0;
    const pump = setInterval(() => {
      while (stream.write(Buffer.alloc(1024, "z"))) sent += 1024;
    });
    const line = await createLineReader(stream).readLine(100, 10_000);
    clearInterval(pump);
    expect(line.kind).toBe("flood");
    expect(sent).toBeLessThan(100_000);
  });

  test("leaves no room for anything at a maximum below zero", async () => {
    expect(await readAll(streamOf("\r\n"), -5)).toEqual(["too-long", "end"]);
  });
});

describe("counted octets", () => {
  test("are exactly counted, whatever they are, split anywhere", async () => {
    const octets = Buffer.from("a\r\n\0\xff\nb", "latin1");
    for (let offset = 1; offset < octets.length; offset++) {
      const reader = createLineReader(
        streamOf(octets.subarray(0, offset), octets.subarray(offset), "line\r\n"),
      );
      expect(await reader.readOctets(octets.length)).toEqual(octets);
      expect(told(await reader.readLine(10, 10))).toBe("line");
    }
  });

  test("are none when none are asked for, without waiting", async () => {
    expect(await createLineReader(new PassThrough()).readOctets(0)).toEqual(Buffer.alloc(0));
  });

  test("are not given out when the stream ends before the last", async () => {
    expect(await createLineReader(streamOf("four")).readOctets(5)).toBeUndefined();
  });

  test("are skipped without being kept, and the line behind them is whole", async () => {
    const reader = createLineReader(streamOf("1234", "5678", "90line\r\n"));
    expect(await reader.skipOctets(10)).toBe(true);
    expect(told(await reader.readLine(10, 10))).toBe("line");
  });

  test("cannot be skipped beyond the end", async () => {
    expect(await createLineReader(streamOf("four")).skipOctets(5)).toBe(false);
  });
});

describe("giving the stream back", () => {
  test("leaves every octet behind what was read in place, in order, however all of it was split", async () => {
    const octets = Buffer.from("line\r\nrest \0\xff\r\nmore", "latin1");
    for (let offset = 1; offset < octets.length; offset++) {
      const stream = new PassThrough();
      const reader = createLineReader(stream);
      stream.write(octets.subarray(0, offset));
      await settle();
      const line = reader.readLine(100, 100);
      await settle();
      stream.write(octets.subarray(offset));
      expect(told(await line)).toBe("line");
      const unread = reader.release();
      stream.end(" and later");
      const rest = Buffer.concat([unread, ...(await stream.toArray())]);
      expect(rest.toString("latin1"), `split at ${offset}`).toBe("rest \0\xff\r\nmore and later");
    }
  });

  test("does the same for any lines and octets", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 50 }), fc.nat(60), async (rest, offset) => {
        const octets = Buffer.concat([Buffer.from("line\r\n"), rest]);
        const stream = new PassThrough();
        stream.write(octets.subarray(0, offset));
        stream.write(octets.subarray(offset));
        const reader = createLineReader(stream);
        await reader.readLine(100, 100);
        const unread = reader.release();
        stream.end();
        expect(Buffer.concat([unread, ...(await stream.toArray())])).toEqual(Buffer.from(rest));
      }),
    );
  });

  test("loses nothing when the stream had ended by then", async () => {
    const stream = new PassThrough();
    stream.end("line\r\nrest");
    await settle();
    const reader = createLineReader(stream);
    await reader.readLine(100, 100);
    await settle();
    expect(stream.readableEnded).toBe(true);
    expect(reader.release().toString()).toBe("rest");
  });

  test("gives it out once only", async () => {
    const stream = new PassThrough();
    stream.write("line\r\nrest");
    const reader = createLineReader(stream);
    await reader.readLine(100, 100);
    reader.release();
    expect(reader.release()).toEqual(Buffer.alloc(0));
  });
});

describe("closing a reader", () => {
  test("gives the end to whoever waits", async () => {
    const reader = createLineReader(new PassThrough());
    const line = reader.readLine(100, 100);
    await settle();
    reader.close();
    expect(told(await line)).toBe("end");
  });

  test("gives the end to whoever asks later, whatever has arrived", async () => {
    const stream = new PassThrough();
    stream.write("one\r\ntwo\r\n");
    const reader = createLineReader(stream);
    await reader.readLine(100, 100);
    reader.close();
    expect(told(await reader.readLine(100, 100))).toBe("end");
    expect(await reader.readOctets(1)).toBeUndefined();
    expect(await reader.skipOctets(1)).toBe(false);
  });
});

describe("what has not been asked for yet", () => {
  test("is pending when it arrived with what was read", async () => {
    const stream = new PassThrough();
    const reader = createLineReader(stream);
    stream.write("line\r\nx");
    await reader.readLine(10, 10);
    expect(reader.hasPending()).toBe(true);
  });

  test("is pending when it arrived after it", async () => {
    const stream = new PassThrough();
    const reader = createLineReader(stream);
    stream.write("line\r\n");
    await reader.readLine(10, 10);
    expect(reader.hasPending()).toBe(false);
    stream.write("x");
    await settle();
    expect(reader.hasPending()).toBe(true);
  });
});
