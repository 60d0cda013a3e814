import { describe, expect, test } from "vitest";
import { parseAstrings } from "../../../../src/mail/imap/astring.ts";
import { type ReadCommand, readImapCommand } from "../../../../src/mail/imap/command.ts";
import { createWire } from "../../../../src/mail/wire/wire.ts";
import { createConversation, drain } from "../../../support/conversation.ts";
import { createFakeClock, settle } from "../../../support/fake-clock.ts";

const CONTINUE = "+ Ready for literal data\r\n";
const CREDENTIALS = ["a@b.c", 'p w"\\'];

function start() {
  const mua = createConversation();
  const wire = createWire(mua.near, createFakeClock());
  return { mua, wire };
}

function told(read: ReadCommand): unknown {
  if (read.kind !== "command") return read.kind === "bad" ? `${read.tag} BAD ${read.text}` : read.kind;
  const { tag, name, parts } = read.command;
  return [tag, name, ...(parseAstrings(parts)?.map((string) => string.toString("latin1")) ?? ["?"])];
}

/** Reads one command that a mail program sends in pieces; what was said to it is in `prompts`. */
async function readCommand(sent: string, offset: number) {
  const { mua, wire } = start();
  const reading = readImapCommand(wire);
  await mua.sendSplit(Buffer.from(sent, "latin1"), offset);
  return { told: told(await reading), prompts: await mua.heard(), rest: await drain(wire.release()) };
}

describe("the LOGIN vectors of protocol.md §4", () => {
  const table: [string, string, string, unknown][] = [
    ["atom and quoted string", '1 LOGIN a@b.c "p w\\"\\\\"\r\n', "", ["1", "LOGIN", ...CREDENTIALS]],
    [
      "synchronising literals",
      '2 LOGIN {5}\r\na@b.c {5}\r\np w"\\\r\n',
      CONTINUE + CONTINUE,
      ["2", "LOGIN", ...CREDENTIALS],
    ],
    [
      "non-synchronising literals",
      '3 LOGIN {5+}\r\na@b.c {5+}\r\np w"\\\r\n',
      "",
      ["3", "LOGIN", ...CREDENTIALS],
    ],
    ["an empty literal", '4 login "a@b.c" {0}\r\n\r\n', CONTINUE, ["4", "LOGIN", "a@b.c", ""]],
    ["no password", "5 LOGIN a@b.c\r\n", "", ["5", "LOGIN", "a@b.c"]],
    [
      "a literal with everything in it that ends a line or a command",
      '6 LOGIN a@b.c {16+}\r\np\r\n7 LOGIN "{5+}\r\n',
      "",
      ["6", "LOGIN", "a@b.c", 'p\r\n7 LOGIN "{5+}'],
    ],
    ["8-bit octets", '8 LOGIN j\xc3\xbcrgen "\xff"\r\n', "", ["8", "LOGIN", "j\xc3\xbcrgen", "\xff"]],
    ["bare LFs", '9 LOGIN {5+}\na@b.c "p"\n', "", ["9", "LOGIN", "a@b.c", "p"]],
  ];

  test.each(table)("%s: in one piece, and split at every octet", async (_what, sent, prompts, expected) => {
    const rest = "next NOOP\r\n";
    for (let offset = 1; offset <= sent.length; offset++) {
      const read = await readCommand(sent + rest, offset);
      expect(read.told, `split at ${offset}`).toEqual(expected);
      expect(read.prompts, `split at ${offset}`).toBe(prompts);
      expect(read.rest.toString(), `split at ${offset}`).toBe(rest);
    }
  });
});

describe("a synchronising literal", () => {
  test("is asked for before it is sent, once each", async () => {
    const { mua, wire } = start();
    const reading = readImapCommand(wire);
    mua.send("2 LOGIN {5}\r\n");
    expect(await mua.heard()).toBe(CONTINUE);
    mua.send("a@b.c {5}\r\n");
    expect(await mua.heard()).toBe(CONTINUE);
    mua.send('p w"\\\r\n');
    expect(told(await reading)).toEqual(["2", "LOGIN", ...CREDENTIALS]);
    expect(await mua.heard()).toBe("");
  });
});

describe("a literal that is too large", () => {
  test.each(["{1025}", "{4294967295}", "{18446744073709551615}", "{99999999999999999999}"])(
    "is refused without being asked for, and the next command works: %s",
    async (size) => {
      const { mua, wire } = start();
      mua.send(`a LOGIN x ${size}\r\nb NOOP\r\n`);
      const read = await readImapCommand(wire);
      expect(read).toMatchObject({ kind: "bad", tag: "a", fatal: false });
      expect(await mua.heard()).toBe("");
      expect(told(await readImapCommand(wire))).toEqual(["b", "NOOP", "?"]);
    },
  );

  test.each(["{1025+}", "{4294967295+}", "{18446744073709551615+}"])(
    "and on its way already ends the connection, so that its octets never become commands: %s",
    async (size) => {
      const { mua, wire } = start();
      mua.send(`a LOGIN x ${size}\r\nb NOOP\r\n`);
      expect(await readImapCommand(wire)).toMatchObject({ kind: "bad", tag: "a", fatal: true });
    },
  );

  test("does not stop one of exactly the largest size", async () => {
    const { mua, wire } = start();
    mua.send(`a LOGIN x {1024+}\r\n${"y".repeat(1024)}\r\n`);
    expect(told(await readImapCommand(wire))).toEqual(["a", "LOGIN", "x", "y".repeat(1024)]);
  });

  test("is not made of many small ones: a command has 8 KiB altogether", async () => {
    const { mua, wire } = start();
    const piece = `${"y".repeat(1000)} {1000+}\r\n`;
    mua.send(`a LOGIN {1000+}\r\n${piece.repeat(20)}`);
    expect(await readImapCommand(wire)).toMatchObject({ kind: "bad", tag: "a", fatal: true });
  });
});

test.each(["{-1}", "{1e9}", "{}", "{5 }", "{5++}", "{+5}", "{0x5}"])(
  "%s is no literal: the line is a command by itself, and no LOGIN",
  async (size) => {
    const { mua, wire } = start();
    mua.send(`a LOGIN x ${size}\r\nb NOOP\r\n`);
    expect(told(await readImapCommand(wire))).toEqual(["a", "LOGIN", "?"]);
    expect(await mua.heard()).toBe("");
    expect(told(await readImapCommand(wire))).toEqual(["b", "NOOP", "?"]);
  },
);

test("a literal right behind the command's name, without a space, is no argument", async () => {
  const { mua, wire } = start();
  mua.send("a LOGIN{5+}\r\na@b.c x\r\n");
  const read = await readImapCommand(wire);
  expect(read.kind === "command" ? parseAstrings(read.command.parts) : undefined).toBeUndefined();
});

test("a non-synchronising literal whose size is written with many zeros does not turn into commands", async () => {
  const { mua, wire } = start();
  mua.send(`a LOGIN x {${"0".repeat(20)}8+}\r\nb NOOP\r\n\r\nc NOOP\r\n`);
  const first = await readImapCommand(wire);
  // Either the connection is to be closed, or the octets of the literal are part of the first command.
  if (first.kind === "bad" && first.fatal) return;
  expect(told(await readImapCommand(wire))).toEqual(["c", "NOOP", "?"]);
});

describe("a tag", () => {
  test.each([
    ["+", "+ LOGIN a b"],
    ["missing", " LOGIN a b"],
    ["*", "* LOGIN a b"],
    ["a whole empty line", ""],
    ["with a + in it", "a+b NOOP"],
    ["with a wildcard", "a% NOOP"],
    ["with quotes", '"a" NOOP'],
    ["with a control character", "a\x01 NOOP"],
    ["with an escape sequence", "\x1b[31m NOOP"],
    ["with an 8-bit octet", "a\xe9 NOOP"],
    ["with DEL", "a\x7f NOOP"],
    ["the size of a literal", "{3} NOOP"],
    ["of 65 characters", `${"t".repeat(65)} NOOP`],
  ])("that is %s is never echoed", async (_what, line) => {
    const { mua, wire } = start();
    mua.send(Buffer.from(`${line}\r\n`, "latin1"));
    expect(await readImapCommand(wire)).toMatchObject({ kind: "bad", tag: "*", fatal: false });
  });

  test.each(["a1", "A001", "1", ".x-y_z", "t".repeat(64), "a]", "P5f.3"])("can be %s", async (tag) => {
    const { mua, wire } = start();
    mua.send(`${tag} noop\r\n`);
    expect(told(await readImapCommand(wire))).toEqual([tag, "NOOP", "?"]);
  });

  test("stands alone: the command is missing, and the tag is answered", async () => {
    const { mua, wire } = start();
    mua.send("a1\r\na2 \r\na3 123\r\n");
    for (const tag of ["a1", "a2", "a3"]) {
      expect(await readImapCommand(wire)).toMatchObject({ kind: "bad", tag });
    }
  });
});

describe("a line", () => {
  test("over 8 KiB is refused, and the next command works", async () => {
    const { mua, wire } = start();
    mua.send(`a LOGIN ${"x".repeat(9000)}\r\nb NOOP\r\n`);
    expect(await readImapCommand(wire)).toMatchObject({ kind: "bad", fatal: false });
    expect(told(await readImapCommand(wire))).toEqual(["b", "NOOP", "?"]);
  });

  test("over 64 KiB ends the connection", async () => {
    const { mua, wire } = start();
    mua.send("x".repeat(80_000));
    expect(await readImapCommand(wire)).toMatchObject({ kind: "bad", fatal: true });
  });

  test("of a browser is recognised", async () => {
    const { mua, wire } = start();
    mua.send("POST / HTTP/1.1\r\nHost: 127.0.0.1:2143\r\n\r\na LOGIN alice right\r\n");
    expect(await readImapCommand(wire)).toEqual({ kind: "foreign", spoken: "http" });
  });
});

describe("the end of the connection", () => {
  test.each(["", "a LOG", "a LOGIN {5+}\r\na@", "a LOGIN {5+}\r\na@b.c "])(
    "after %j is the end",
    async (sent) => {
      const { mua, wire } = start();
      const reading = readImapCommand(wire);
      mua.send(sent);
      await settle();
      mua.far.end();
      expect(await reading).toEqual({ kind: "end" });
    },
  );
});
