import { describe, expect, test } from "vitest";
import type { SettingsView } from "../../../src/control/contract.ts";
import {
  clientOf,
  isDomainAllowed,
  lockedSettings,
  overlaySettings,
  refusedChanges,
  withoutLocked,
} from "../../../src/policy/apply-policy.ts";

const OWN: SettingsView = {
  imapPort: 2143,
  smtpPort: 2587,
  failureStyle: "strict",
  authorityFile: "/home/me/ca.pem",
  systemAuthorities: true,
  signInProxy: "environment",
  mailProxy: "none",
  notifications: true,
  language: "ja",
};

describe("the settings in force", () => {
  test("are the administrator's where they decide, and a person's own elsewhere", () => {
    const policy = {
      settings: { imapPort: 3143, systemAuthorities: false, signInProxy: "http://proxy:3128" },
    };
    expect(overlaySettings(OWN, policy)).toEqual({ ...OWN, ...policy.settings });
    expect(lockedSettings(policy)).toEqual(["imapPort", "systemAuthorities", "signInProxy"]);
  });

  test("are a person's own without a policy", () => {
    expect(overlaySettings(OWN, undefined)).toEqual(OWN);
    expect(overlaySettings(OWN, {})).toEqual(OWN);
    expect(lockedSettings({})).toEqual([]);
  });

  test("have no authority file where the administrator wants none, and theirs where they name one", () => {
    const { authorityFile: _own, ...rest } = OWN;
    const without: SettingsView = rest;
    expect(overlaySettings(OWN, { settings: { authorityFile: null } })).toEqual(without);
    expect(lockedSettings({ settings: { authorityFile: null } })).toEqual(["authorityFile"]);
    expect(overlaySettings(without, { settings: { authorityFile: "/etc/ca.pem" } })).toEqual({
      ...without,
      authorityFile: "/etc/ca.pem",
    });
  });
});

describe("a change", () => {
  const policy = { settings: { imapPort: 3143, notifications: false, authorityFile: null } };

  test("of what is decided is refused, unless it is what was decided", () => {
    expect(refusedChanges(policy, { imapPort: 2143, notifications: true, smtpPort: 1 })).toEqual([
      "imapPort",
      "notifications",
    ]);
    expect(refusedChanges(policy, { imapPort: 3143, notifications: false, authorityFile: null })).toEqual([]);
    expect(refusedChanges(policy, { authorityFile: "/x" })).toEqual(["authorityFile"]);
    expect(refusedChanges(undefined, { imapPort: 1 })).toEqual([]);
  });

  test("never brings what is decided into a person's own configuration", () => {
    expect(withoutLocked(policy, { imapPort: 3143, smtpPort: 3587 })).toEqual({ smtpPort: 3587 });
  });
});

describe("allowed domains", () => {
  const policy = { allowedDomains: ["contoso.com", "bücher.example"] };

  test.each(["a@contoso.com", "a@CONTOSO.com", "a@xn--bcher-kva.example", "a@BÜCHER.example"])(
    "hold however they are written: %s",
    (email) => expect(isDomainAllowed(policy, email)).toBe(true),
  );

  test.each(["a@gmail.com", "a@contoso.com.evil.example", "a@sub.contoso.com", "contoso.com@evil.example"])(
    "are no others: %s",
    (email) => expect(isDomainAllowed(policy, email)).toBe(false),
  );

  test("are all of them where the policy names none, and none where its list is empty", () => {
    expect(isDomainAllowed({}, "a@gmail.com")).toBe(true);
    expect(isDomainAllowed({ allowedDomains: [] }, "a@gmail.com")).toBe(false);
  });
});

test.each(["__proto__", "constructor", "google"])("a client id is not another provider's: %s", (provider) => {
  const policy = { providers: { yahoo: { clientId: "x" } } };
  expect(clientOf(policy, provider)).toBeUndefined();
  expect(clientOf(policy, "yahoo")).toEqual({ clientId: "x" });
});
