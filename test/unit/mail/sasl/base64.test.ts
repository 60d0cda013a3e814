import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBase64, encodeBase64 } from "../../../../src/mail/sasl/base64.ts";

describe("strict base64", () => {
  test("gives back any octets", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (octets) => {
        expect(decodeBase64(encodeBase64(Buffer.from(octets)))).toEqual(Buffer.from(octets));
      }),
    );
  });

  test("takes the empty text for the empty value", () => {
    expect(decodeBase64("")).toEqual(Buffer.alloc(0));
  });

  test.each([
    ["exclamation marks in between", "AGFsaWNl!!AHB3"],
    ["an asterisk at the end", "AGFsaWNlAHB3*"],
    ["only garbage", "!!!!"],
    ["a space at the end", "AAAA "],
    ["a line end", "AAAA\r\n"],
    ["missing padding", "AAA"],
    ["too much padding", "AAAA===="],
    ["padding in the middle", "AA==AAAA"],
    ["a lone character", "A"],
    ["the URL alphabet", "-_-_"],
  ])("refuses %s, which Buffer.from would skip over", (_what, text) => {
    expect(Buffer.from(text, "base64")).toBeInstanceOf(Buffer);
    expect(decodeBase64(text)).toBeUndefined();
  });
});
