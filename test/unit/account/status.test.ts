import { describe, expect, test } from "vitest";
import { accountStatus, type StatusFacts } from "../../../src/account/status.ts";
import { catalogue, type ErrorCode, isErrorCode } from "../../../src/errors/catalogue.ts";
import { PosternError } from "../../../src/errors/postern-error.ts";
import type { TokenReport } from "../../../src/oauth/token/broker.ts";
import { activate, nextOutage } from "../../../src/oauth/token/state.ts";
import { accessToken } from "../../../src/secret/secret.ts";

const active = activate(accessToken("token"), 3600, { now: 0, monotonic: 0 }, 0);
const report = (changes: Partial<TokenReport> = {}): TokenReport => ({
  state: active,
  outage: undefined,
  unsaved: false,
  ...changes,
});
const outage = (code: ErrorCode) =>
  nextOutage(undefined, new PosternError(code, { detail: "why" }), 1000, 0.5);
const status = (facts: Partial<StatusFacts>) => accountStatus({ token: report(), mail: undefined, ...facts });
const told = (facts: Partial<StatusFacts>) => {
  const { kind, code } = status(facts);
  return [kind, code];
};

describe("the status of an account", () => {
  const mail = { error: new PosternError("upstream-refused"), retryAt: 5000 };

  test.each<[string, Partial<StatusFacts>, [string, string | undefined]]>([
    ["that is signed in", {}, ["working", undefined]],
    [
      "that is signed in, but was not used yet",
      { token: report({ state: { kind: "stored" } }) },
      ["working", undefined],
    ],
    [
      "that nobody knows anything of",
      { token: report({ state: { kind: "unknown" } }) },
      ["signed-out", "signed-out"],
    ],
    [
      "that nobody has signed in to",
      { token: report({ state: { kind: "signed-out", reason: "signed-out" } }) },
      ["signed-out", "signed-out"],
    ],
    [
      "whose keychain entry is gone",
      { token: report({ state: { kind: "signed-out", reason: "keychain-entry-missing" } }) },
      ["needs-you", "keychain-entry-missing"],
    ],
    [
      "whose sign-in has ended, whatever else is wrong",
      {
        token: report({
          state: { kind: "needs-attention", error: new PosternError("sign-in-ended"), since: 0 },
          outage: outage("authorization-server-unreachable"),
        }),
        mail,
      },
      ["needs-you", "sign-in-ended"],
    ],
    [
      "whose keychain is broken",
      { token: new PosternError("keychain-wrong-key") },
      ["needs-you", "keychain-wrong-key"],
    ],
    [
      "whose authorization server is away, though its token still works",
      { token: report({ outage: outage("authorization-server-unreachable") }), mail },
      ["offline", "authorization-server-unreachable"],
    ],
    [
      "whose sign-in was refused once: that may pass",
      { token: report({ outage: outage("sign-in-refused-once") }) },
      ["offline", "sign-in-refused-once"],
    ],
    [
      "whose client is refused",
      { token: report({ outage: outage("oauth-client-refused") }) },
      ["blocked", "oauth-client-refused"],
    ],
    [
      "whose newest token is not stored",
      { token: report({ unsaved: true }), mail },
      ["needs-you", "sign-in-not-saved"],
    ],
    ["whose mail server refuses it", { mail }, ["blocked", "upstream-refused"]],
    [
      "whose mail server is away",
      { mail: { error: new PosternError("upstream-unreachable"), retryAt: undefined } },
      ["offline", "upstream-unreachable"],
    ],
    [
      "that may not send",
      { mail: { error: new PosternError("upstream-smtp-auth-disabled"), retryAt: undefined } },
      ["blocked", "upstream-smtp-auth-disabled"],
    ],
    [
      "that is throttled",
      { mail: { error: new PosternError("upstream-throttled"), retryAt: undefined } },
      ["offline", "upstream-throttled"],
    ],
  ])("%s", (_whose, facts, expected) => {
    expect(told(facts)).toEqual(expected);
  });

  test("tells what happened exactly, what to do, and when it is tried again", () => {
    const known = outage("authorization-server-unreachable");
    expect(status({ token: report({ outage: known }) })).toMatchObject({
      detail: "why",
      action: catalogue["authorization-server-unreachable"].action,
      retryAt: known.retryAt,
    });
  });

  test("never says that all is well while anything is wrong", () => {
    for (const code of Object.keys(catalogue).filter(isErrorCode)) {
      for (const facts of [
        { token: new PosternError(code) },
        { token: report({ outage: outage(code) }) },
        { mail: { error: new PosternError(code), retryAt: undefined } },
      ]) {
        const { kind, action, sentence } = status(facts);
        expect(kind).not.toBe("working");
        expect([action, sentence]).not.toContain(undefined);
      }
    }
  });

  test("holds no token", () => {
    expect(JSON.stringify(status({}))).not.toContain("token");
  });
});
