import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAstrings } from "../../../../src/mail/imap/astring.ts";
import type { Part } from "../../../../src/mail/imap/command.ts";

const text = (value: string): Part => ({ kind: "text", octets: Buffer.from(value, "latin1") });
const literal = (value: string): Part => ({ kind: "literal", octets: Buffer.from(value, "latin1") });
const read = (...parts: Part[]) => parseAstrings(parts)?.map((string) => string.toString("latin1"));

describe("astrings", () => {
  test.each<[string, Part[], string[]]>([
    ["atoms", [text("a@b.c secret")], ["a@b.c", "secret"]],
    ["an atom with ] in it, which an astring may have", [text("a]b p")], ["a]b", "p"]],
    ["quoted strings with both escapes", [text('"a@b.c" "p w\\"\\\\"')], ["a@b.c", 'p w"\\']],
    ["empty quoted strings", [text('"" ""')], ["", ""]],
    ["atom-specials within quotes", [text('"(){%*]" x')], ["(){%*]", "x"]],
    ["literals", [text(""), literal("a b"), text(" "), literal("\r\n\0"), text("")], ["a b", "\r\n\0"]],
    ["a literal behind an atom", [text("a "), literal("p")], ["a", "p"]],
    ["an atom behind a literal", [literal("a"), text(" p")], ["a", "p"]],
    ["an empty literal", [text("a "), literal(""), text("")], ["a", ""]],
    ["8-bit octets", [text('\xc3\xbc "\xff"')], ["\xc3\xbc", "\xff"]],
    ["the only one of a list", [text("a@b.c")], ["a@b.c"]],
  ])("are read: %s", (_what, parts, expected) => {
    expect(read(...parts)).toEqual(expected);
  });

  test.each<[string, Part[]]>([
    ["nothing", [text("")]],
    ["two spaces", [text("a  b")]],
    ["a space at the start", [text(" a b")]],
    ["a space at the end", [text("a b ")]],
    ["a quote that is not closed", [text('a "b')]],
    ["an escaped closing quote", [text('a "b\\"')]],
    ["an escape of anything else", [text('a "b\\c"')]],
    ["an escape at the end", [text('a "b\\')]],
    ["NUL in quotes", [text('a "b\0"')]],
    // RFC 9051 §9: QUOTED-CHAR = <any TEXT-CHAR except quoted-specials>, TEXT-CHAR = <any CHAR except CR and LF>.
    ["CR in quotes", [text('a "b\rc"')]],
    ["a quoted string right behind an atom", [text('a"b"')]],
    ["an atom right behind a quoted string", [text('"a"b')]],
    ["a literal right behind an atom", [text("a"), literal("b")]],
    ["an atom right behind a literal", [literal("a"), text("b")]],
    ["two literals without a space", [literal("a"), literal("b")]],
    ["a list", [text("(a b)")]],
    ["a wildcard", [text("a *")]],
    ["a control character in an atom", [text("a b\x01")]],
    ["a tab", [text("a\tb")]],
    ["DEL in an atom", [text("a b\x7f")]],
    ["the size of a literal that was none", [text("a {-1}")]],
  ])("are refused: %s", (_what, parts) => {
    expect(read(...parts)).toBeUndefined();
  });
});

type Encoded = { readonly octets: Buffer; readonly parts: readonly Part[] };

const octetsOf = (refused: (octet: number) => boolean, minLength: number) =>
  fc
    .array(
      fc.integer({ min: 0, max: 255 }).filter((octet) => !refused(octet)),
      { minLength, maxLength: 40 },
    )
    .map((octets) => Buffer.from(octets));

const isSpecial = (octet: number): boolean =>
  octet <= 0x20 || octet === 0x7f || '(){%*"\\'.includes(String.fromCharCode(octet));
const isUnquotable = (octet: number): boolean => [0x00, 0x0a, 0x0d].includes(octet);

const anyAstring: fc.Arbitrary<Encoded> = fc.oneof(
  octetsOf(isSpecial, 1).map((octets) => ({ octets, parts: [{ kind: "text" as const, octets }] })),
  octetsOf(isUnquotable, 0).map((octets) => {
    const escaped = octets.toString("latin1").replace(/["\\]/g, "\\$&");
    return { octets, parts: [text(`"${escaped}"`)] };
  }),
  octetsOf(() => false, 0).map((octets) => ({ octets, parts: [{ kind: "literal" as const, octets }] })),
);

/** Puts stretches of text that touch into one, as they stand on a line. */
function join(parts: readonly Part[]): Part[] {
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.kind === "text" && last?.kind === "text") {
      joined[joined.length - 1] = { kind: "text", octets: Buffer.concat([last.octets, part.octets]) };
    } else joined.push(part);
  }
  return joined;
}

test("any user name and password come out as they went in: as atom, quoted or literal", () => {
  fc.assert(
    fc.property(anyAstring, anyAstring, (user, password) => {
      const parts = join([...user.parts, text(" "), ...password.parts]);
      expect(parseAstrings(parts)).toEqual([user.octets, password.octets]);
    }),
    { numRuns: 500 },
  );
});

test("no octets whatsoever make it throw", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.uint8Array())), (parts) => {
      const strings = parseAstrings(
        parts.map(([isText, octets]) => ({ kind: isText ? "text" : "literal", octets: Buffer.from(octets) })),
      );
      expect(strings === undefined || strings.length > 0).toBe(true);
    }),
  );
});
