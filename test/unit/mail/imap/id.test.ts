import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Part } from "../../../../src/mail/imap/command.ts";
import { createIdObserver, parseId } from "../../../../src/mail/imap/id.ts";

const text = (octets: string): Part => ({ kind: "text", octets: Buffer.from(octets) });
const literal = (octets: string): Part => ({ kind: "literal", octets: Buffer.from(octets) });

describe("what ID tells", () => {
  test.each([
    ['("name" "Thunderbird" "version" "128.4.0esr")', "Thunderbird 128.4.0esr"],
    ['("VERSION" "2" "os" "Linux" "Name" "mbsync")', "mbsync 2"],
    ['("name" "A \\"quoted\\" name")', 'A "quoted" name'],
    ['("name" NIL "version" "2")', "2"],
    ['("name" "Postfächer")', "Postfächer"],
    ["NIL", undefined],
    ['("os" "Linux")', undefined],
    ["", undefined],
    ['("name', undefined],
  ])("by %s is %j", (list, program) => {
    expect(parseId([text(list)])).toBe(program);
  });

  test("may stand in literals", () => {
    expect(
      parseId([text('("name" '), literal("iPhone Mail"), text(' "version" '), literal("21"), text(")")]),
    ).toBe("iPhone Mail 21");
  });
});

describe("after the login", () => {
  /** What is found in these pieces, and how many of them were looked at. */
  function observe(...pieces: string[]) {
    const found: string[] = [];
    const look = createIdObserver((program) => found.push(program));
    let looked = 0;
    for (const piece of pieces) {
      looked += 1;
      if (!look(Buffer.from(piece))) break;
    }
    return { found, looked };
  }

  const COMMAND = 'a ID ("name" "Thunderbird" "version" "128")\r\n';

  test("an ID is found among the first commands, and that is the end of looking", () => {
    expect(observe("1 NAMESPACE\r\n", COMMAND, "2 NOOP\r\n")).toEqual({
      found: ["Thunderbird 128"],
      looked: 2,
    });
  });

  test("an ID in pieces of any size is the same", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(COMMAND.length), { maxLength: 8 }), (cuts) => {
        const places = [0, ...cuts.sort((left, right) => left - right), COMMAND.length];
        const pieces = places.slice(1).map((end, index) => COMMAND.slice(places[index], end));
        expect(observe(...pieces).found).toEqual(["Thunderbird 128"]);
      }),
    );
  });

  test("nobody looks on for ever", () => {
    expect(observe(...Array<string>(20).fill("a NOOP\r\n")).looked).toBe(10);
    expect(observe(...Array<string>(20).fill("x".repeat(1000))).looked).toBe(5);
  });
});
