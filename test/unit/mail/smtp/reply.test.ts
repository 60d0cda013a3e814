import { describe, expect, test } from "vitest";
import { catalogue, isErrorCode } from "../../../../src/errors/catalogue.ts";
import { PosternError } from "../../../../src/errors/postern-error.ts";
import {
  formatAuthFailure,
  formatClosing,
  formatEhlo,
  formatMailRefusal,
} from "../../../../src/mail/smtp/reply.ts";

const codes = Object.keys(catalogue).filter(isErrorCode);
const HOSTILE = "250 OK\r\n250 \x1b[31m\u202egnp\u2028\0 é";

describe("the refusal at MAIL", () => {
  test.each(codes)("is one line of ASCII for %s, whatever the mail server said", (code) => {
    const error = new PosternError(code, { upstreamText: HOSTILE.repeat(20), detail: HOSTILE });
    const line = formatMailRefusal(error);
    expect(line).toMatch(/^(450|550) [45]\.\d\.\d [\x20-\x7e]+\r\n$/);
    expect(line.length).toBeLessThan(260);
    expect(line.slice(0, 1)).toBe(line.slice(4, 5));
  });

  test("is permanent only where a person must act before any retry can work", () => {
    const permanent = codes.filter((code) => formatMailRefusal(new PosternError(code)).startsWith("5"));
    expect(permanent).toEqual(["upstream-smtp-auth-disabled", "upstream-imap-disabled"]);
  });

  test.each([
    ["upstream-unreachable", "450 4.4.1 "],
    ["authorization-server-failing", "450 4.4.1 "],
    ["keychain-failed", "450 4.4.1 "],
    ["sign-in-ended", "450 4.7.0 Sign in again in Postern\r\n"],
    ["upstream-refused", "450 4.7.0 "],
    ["upstream-certificate", "450 4.7.0 Secure connection failed\r\n"],
    ["oauth-client-refused", "450 4.3.5 "],
    ["upstream-smtp-auth-disabled", "550 5.7.0 "],
  ] as const)("has the code of protocol.md §7 for %s", (code, start) => {
    expect(formatMailRefusal(new PosternError(code)).slice(0, start.length)).toBe(start);
  });

  test("passes on what a throttling server said", () => {
    const error = new PosternError("upstream-throttled", { upstreamText: "Daily limit exceeded" });
    expect(formatMailRefusal(error)).toBe("450 4.7.0 Daily limit exceeded\r\n");
  });
});

describe("the refusal at AUTH", () => {
  test("is 535 for a wrong local password only", () => {
    const denying = codes.filter((code) =>
      formatAuthFailure(new PosternError(code)).startsWith("535 5.7.8 "),
    );
    expect(denying).toEqual(["wrong-local-password", "local-user-unknown"]);
    const [wrong, unknown] = denying.map((code) => formatAuthFailure(new PosternError(code)));
    expect(unknown).toBe(wrong);
    for (const code of codes.filter((one) => !denying.includes(one))) {
      expect(formatAuthFailure(new PosternError(code))).toMatch(/^454 4\.7\.0 /);
    }
  });
});

test("EHLO is answered in several lines, AUTH last", () => {
  expect(formatEhlo(["SIZE 1000", "8BITMIME"])).toBe(
    "250-localhost\r\n250-SIZE 1000\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN\r\n",
  );
});

test("a connection that cannot be served is closed with 421", () => {
  expect(formatClosing("Shutting down")).toBe("421 4.3.2 Shutting down\r\n");
});
