// Each problem has one button that resolves it.
import { expect, describe as group, test } from "vitest";
import { type Remedy, remedyFor } from "../../../renderer/remedy.ts";
import { catalogue, describe, type ErrorCode } from "../../../src/errors/catalogue.ts";
import { en } from "../../../src/messages/en.ts";

const CODES = Object.keys(catalogue) as ErrorCode[];
const of = (code: ErrorCode, facts: { hasLetter?: boolean; hasProvider?: boolean } = {}): Remedy =>
  remedyFor({ code, hasLetter: false, hasProvider: true, ...facts });

group("the one button", () => {
  test.each(CODES)("%s has one, and it has a label", (code) => {
    expect(en[`remedy.${of(code)}`]).toMatch(/\S/);
  });

  test.each<[ErrorCode, Remedy]>([
    ["sign-in-ended", "sign-in"],
    ["upstream-password-refused", "sign-in"],
    ["account-hosts-changed", "compare-hosts"],
    ["wrong-local-password", "connect"],
    ["tls-on-plain-port", "connect"],
    ["proxy-refused", "settings"],
    ["google-testing-expiry", "guide"],
    ["paused", "resume"],
    ["upstream-unreachable", "check"],
  ])("%s is resolved by: %s", (code, remedy) => {
    expect(of(code)).toBe(remedy);
  });

  test("where there is a letter for an administrator, it is copied", () => {
    expect(of("admin-approval-needed", { hasLetter: true })).toBe("copy-letter");
    expect(of("redirect-uri-mismatch", { hasLetter: true })).toBe("copy-letter");
  });

  test("but a person who can sign in does that first", () => {
    expect(of("consent-missing", { hasLetter: true })).toBe("sign-in");
  });

  test("without a provider there is no guide", () => {
    expect(of("oauth-client-refused", { hasProvider: false })).toBe("add-again");
  });

  test("nobody is sent to a sign-in by a failure of the network", () => {
    const network = CODES.filter((code) => ["network", "throttled"].includes(describe(code).category));
    expect(network.filter((code) => of(code) === "sign-in")).toEqual([]);
  });
});
