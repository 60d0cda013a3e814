import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createMailboxObserver, type MailboxVerdict } from "../../../../src/mail/imap/observer.ts";

/** What the observer says to this, and how many octets it wanted to see of it. */
function observe(...pieces: readonly (string | Buffer)[]): { verdicts: MailboxVerdict[]; enough: boolean } {
  const verdicts: MailboxVerdict[] = [];
  const look = createMailboxObserver((verdict) => verdicts.push(verdict));
  for (const piece of pieces)
    if (!look(Buffer.from(piece as string, "latin1"))) return { verdicts, enough: true };
  return { verdicts, enough: false };
}

const octetByOctet = (text: string): string[] => [...text];

/** As Exchange has been seen to say it. */
const EXCHANGE = [
  "* CAPABILITY IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS MOVE ID UNSELECT IDLE NAMESPACE LITERAL+\r\n",
  "A00000002 OK CAPABILITY completed.\r\n",
  "A00000003 BAD User is authenticated but not connected.\r\n",
  "* BYE Connection closed. 14\r\n",
].join("");

describe("'authenticated but not connected'", () => {
  test("is seen at every offset at which the octets may be split", () => {
    for (let split = 0; split <= EXCHANGE.length; split++) {
      const seen = observe(EXCHANGE.slice(0, split), EXCHANGE.slice(split));
      expect(seen, `split at ${split}`).toEqual({ verdicts: ["not-connected"], enough: true });
    }
    expect(observe(...octetByOctet(EXCHANGE)).verdicts).toEqual(["not-connected"]);
  });

  test.each([
    "t1 BAD User is authenticated but not connected.",
    "t1 bad USER IS AUTHENTICATED BUT NOT CONNECTED",
    "t1 BAD [CLIENTBUG] User is authenticated but not connected.\r\n",
    "* OK hi\nt1 BAD User is authenticated but not connected.\n",
    "]weird}tag BAD User is authenticated but not connected.\r\n",
  ])("%j is it", (said) => {
    expect(observe(said).verdicts).toEqual(["not-connected"]);
  });

  test.each([
    ["said to nobody", "* BAD User is authenticated but not connected.\r\n"],
    ["with NO", "t1 NO User is authenticated but not connected.\r\n"],
    ["with OK", "t1 OK User is authenticated but not connected.\r\n"],
    ["about something else", "t1 BAD The mailbox says: User is authenticated but not connected.\r\n"],
    ["in the middle of a line", '* LIST () "/" "t1 BAD User is authenticated but not connected."\r\n'],
  ])("%s is something else", (_what, said) => {
    expect(observe(said).verdicts).not.toContain("not-connected");
  });

  test("in a message that quotes it is a message", () => {
    const message = "Help!\r\nt9 BAD User is authenticated but not connected.\r\nWhat now?\r\n";
    const said = `* 1 FETCH (BODY[] {${message.length}}\r\n${message} UID 7)\r\nt1 OK done\r\n`;
    expect(observe(said).verdicts).toEqual([]);
    expect(observe(...octetByOctet(said)).verdicts).toEqual([]);
    const twice = `* 1 FETCH (A {3}\r\nabc B {${message.length}}\r\n${message})\r\n`;
    expect(observe(...octetByOctet(twice)).verdicts).toEqual([]);
    expect(observe(twice, "t2 BAD User is authenticated but not connected.\r\n").verdicts).toEqual([
      "not-connected",
    ]);
  });

  test("is not hidden by a text that ends like a literal", () => {
    expect(
      observe("* OK [ALERT] use {99}\r\nt1 BAD User is authenticated but not connected.\r\n").verdicts,
    ).toEqual(["not-connected"]);
  });

  test("is believed as the fifth answer, and not looked for behind it", () => {
    const four = "t1 OK a\r\nt2 NO b\r\nt3 OK c\r\n* 7 RECENT\r\nt4 BAD d\r\n";
    const sentence = "t5 BAD User is authenticated but not connected.\r\n";
    expect(observe(four, sentence)).toEqual({ verdicts: ["not-connected"], enough: true });
    expect(observe(`${four}t5 OK e\r\n`)).toEqual({ verdicts: ["connected"], enough: true });
  });

  test("is not looked for behind the first 8,192 octets", () => {
    const sentence = "t5 BAD User is authenticated but not connected";
    const filler = (octets: number): string => `* OK ${"x".repeat(octets - 7)}\r\n`;
    expect(observe(filler(8192 - sentence.length), sentence)).toEqual({
      verdicts: ["not-connected"],
      enough: true,
    });
    expect(observe(filler(8193 - sentence.length), sentence)).toEqual({ verdicts: [], enough: true });
    expect(observe("x".repeat(8191)).enough).toBe(false);
    expect(observe("x".repeat(8192)).enough).toBe(true);
    expect(observe("x".repeat(1_000_000))).toEqual({ verdicts: [], enough: true });
  });
});

describe("a mailbox", () => {
  test.each([
    "* 3 EXISTS\r\n",
    '* LIST (\\HasNoChildren) "/" INBOX\r\n',
    '* NAMESPACE (("" "/")) NIL NIL\r\n',
    "* STATUS INBOX (MESSAGES 3)\r\n",
    "t1 OK\r\n".repeat(5),
  ])("is there where the server says %j", (said) => {
    expect(observe(said).verdicts).toEqual(["connected"]);
  });

  test("is not proved by what a server says without one", () => {
    expect(observe("* CAPABILITY IMAP4rev1 IDLE\r\nt1 OK done\r\n* ID NIL\r\nt2 OK done\r\n")).toEqual({
      verdicts: [],
      enough: false,
    });
  });

  test("is told of once, and the look goes on to the end of the window", () => {
    expect(observe("* 1 EXISTS\r\n* 2 EXISTS\r\n* LIST () NIL a\r\n", "t1 OK\r\n")).toEqual({
      verdicts: ["connected"],
      enough: false,
    });
  });
});

test("whatever a server says, the look ends without an exception, and in whatever pieces it comes, with the same result", () => {
  const lines = fc.constantFrom(
    "* 1 EXISTS\r\n",
    "t OK x\r\n",
    "t NO {4}\r\n",
    "* LIST {2}\r\n",
    "* X {0}\r\n",
    "ab",
    "\r\n",
    "\n",
    "t BAD User is authenticated but not connected",
    "* X {99999999999}\r\n",
    "+ go\r\n",
    "\x00\xff",
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof(lines, fc.string({ unit: "binary", maxLength: 30 }))),
      fc.nat(300),
      (said, at) => {
        const text = Buffer.from(said.join(""), "latin1").toString("latin1");
        const whole = observe(text).verdicts;
        expect(observe(text.slice(0, at), text.slice(at)).verdicts).toEqual(whole);
        expect(observe(...octetByOctet(text)).verdicts).toEqual(whole);
      },
    ),
    { numRuns: 500 },
  );
});
