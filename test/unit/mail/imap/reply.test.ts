import { describe, expect, test } from "vitest";
import { catalogue, isErrorCode } from "../../../../src/errors/catalogue.ts";
import { PosternError } from "../../../../src/errors/postern-error.ts";
import { formatBye, formatLoggedIn, formatLoginFailure } from "../../../../src/mail/imap/reply.ts";

const codes = Object.keys(catalogue).filter(isErrorCode);
const HOSTILE = 'a1 OK\r\n* BYE [ALERT] \x1b[31m\u202egnp\u2028\0 "quoted" é';

describe("the answer to a failed login", () => {
  test.each(codes)("is one line of ASCII for %s, whatever the mail server said", (code) => {
    const error = new PosternError(code, { upstreamText: HOSTILE.repeat(20), detail: HOSTILE });
    const line = formatLoginFailure("a1", error);
    expect(line).toMatch(/^a1 NO \[[A-Z]+\] [\x20-\x7e]+\r\n$/);
    expect(line.length).toBeLessThan(260);
  });

  test("says that authentication failed for a wrong local password only: everything else would bring a prompt", () => {
    const saying = codes.filter(
      (code) => !formatLoginFailure("a1", new PosternError(code)).includes("[UNAVAILABLE]"),
    );
    expect(saying).toEqual(["wrong-local-password", "local-user-unknown"]);
    // In the same words: nobody is told which names exist.
    for (const code of ["wrong-local-password", "local-user-unknown"] as const) {
      expect(formatLoginFailure("a1", new PosternError(code))).toBe(
        "a1 NO [AUTHENTICATIONFAILED] Use the password shown in Postern\r\n",
      );
    }
  });

  test("tells what the mail server said where that helps, and never the detail, which is for the log", () => {
    const error = new PosternError("upstream-throttled", {
      upstreamText: "Too many simultaneous connections",
      detail: "secret detail",
    });
    expect(formatLoginFailure("a1", error)).toBe("a1 NO [UNAVAILABLE] Too many simultaneous connections\r\n");
    expect(formatBye(error.wireText)).toBe("* BYE [UNAVAILABLE] Too many simultaneous connections\r\n");
  });
});

test("a login is answered with the capabilities both ways: some programs read only one of them", () => {
  expect(formatLoggedIn("a1", ["IMAP4rev1", "IDLE"])).toBe(
    "* CAPABILITY IMAP4rev1 IDLE\r\na1 OK [CAPABILITY IMAP4rev1 IDLE] Logged in\r\n",
  );
});
