import { expect, test } from "vitest";
import { PosternError } from "../../../src/errors/postern-error.ts";
import { explainByProvider } from "../../../src/provider/explain-error.ts";

const said = (detail: string) => new PosternError("upstream-password-refused", { detail });

test("a provider's own words are explained as that provider means them", () => {
  const explained = explainByProvider(
    "google",
    "imap",
    said("PLAIN: no reason given; it said NO [ALERT] Application-specific password required: https://…"),
  );
  expect(explained.code).toBe("upstream-password-refused");
  expect(explained.sentence).toContain("Gmail does not take the password of the Google account");
  expect(explained.detail).toContain("Application-specific password required");
});

test("they may be a failure that the catalogue tells", () => {
  const explained = explainByProvider("google", "imap", said("Your account is NOT ENABLED for IMAP use"));
  expect(explained.code).toBe("upstream-imap-disabled");
});

test.each<[string, string | undefined, "imap" | "smtp", string]>([
  ["from another provider", "gmx", "imap", "Application-specific password required"],
  ["from nobody known", undefined, "imap", "Application-specific password required"],
  ["at another place", "google", "smtp", "not enabled for IMAP use"],
  ["that are nobody's own", "google", "imap", "something else"],
])("words %s stay as they were", (_where, provider, where, words) => {
  const error = said(words);
  expect(explainByProvider(provider, where, error)).toBe(error);
});
