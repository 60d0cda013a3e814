import { describe, expect, test } from "vitest";
import { describe as describeCode } from "../../../src/errors/catalogue.ts";
import { PosternError, systemCode, toPosternError } from "../../../src/errors/postern-error.ts";

describe("a failure", () => {
  test("tells the catalogue's sentence with its detail, made printable", () => {
    const error = new PosternError("upstream-unreachable", {
      detail: "imap.example.com:993\r\n\x1b[31mECONNREFUSED",
    });
    expect(error.message).toBe(
      `${describeCode("upstream-unreachable").sentence} (imap.example.com:993 [31mECONNREFUSED)`,
    );
    expect(error.detail).toBe("imap.example.com:993 [31mECONNREFUSED");
  });

  test("does not let a server fill the log", () => {
    const error = new PosternError("upstream-refused", {
      detail: "x".repeat(10_000),
      upstreamText: "y".repeat(10_000),
    });
    expect(error.detail?.length).toBeLessThanOrEqual(300);
    expect(error.wireText.length).toBeLessThanOrEqual(200);
  });

  test("is told to a mail program in the catalogue's words, or the mail server's own, in ASCII", () => {
    expect(new PosternError("sign-in-ended", { detail: "for the log" }).wireText).toBe(
      "Sign in again in Postern",
    );
    expect(
      new PosternError("upstream-throttled", { upstreamText: "Zu viele\r\nVerbindungen für jetzt" }).wireText,
    ).toBe("Zu viele Verbindungen f?r jetzt");
  });

  test.each(["", " ", "\r\n"])(
    "is told in the catalogue's words where the mail server said %j",
    (upstreamText) => {
      expect(new PosternError("upstream-throttled", { upstreamText }).wireText).toBe(
        describeCode("upstream-throttled").wire,
      );
    },
  );
});

describe("whatever was thrown", () => {
  test("stays what it is when it is ours", () => {
    const error = new PosternError("signed-out");
    expect(toPosternError(error)).toBe(error);
  });

  test.each<[string, unknown]>([
    ["TypeError", new TypeError("with a token in it: ya29")],
    ["string", "ya29"],
    ["undefined", undefined],
    ["object", null],
  ])("becomes internal with its kind, never with its text: %s", (kind, thrown) => {
    const error = toPosternError(thrown);
    expect(error.code).toBe("internal");
    expect(error.detail).toBe(kind);
    expect(error.message).not.toContain("ya29");
    expect(error.cause).toBe(thrown);
  });
});

test.each([
  [Object.assign(new Error(), { code: "ECONNREFUSED" }), "ECONNREFUSED"],
  [{ code: 5 }, undefined],
  [new Error("no code"), undefined],
  [null, undefined],
  ["ENOENT", undefined],
])("the system's code of %o is %s", (thrown, code) => {
  expect(systemCode(thrown)).toBe(code);
});
