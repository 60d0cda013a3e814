import { describe, expect, test } from "vitest";
import { parsePolicy } from "../../../src/policy/policy.ts";
import { createPolicy, formatPolicy } from "../../../src/registration/policy.ts";

const read = (content: unknown) => parsePolicy(JSON.stringify(content));

describe("a policy file", () => {
  test("as `postern admin register` prints it is read as it was meant", () => {
    const client = { clientId: "0a1b2c3d", tenant: "contoso.com" };
    const printed = formatPolicy(createPolicy("microsoft-365", client, ["contoso.com"]));
    expect(parsePolicy(printed)).toEqual({
      kind: "policy",
      policy: { version: 1, providers: { "microsoft-365": client }, allowedDomains: ["contoso.com"] },
      unknown: [],
    });
  });

  test("may begin with a byte order mark, as Windows writes it", () => {
    expect(parsePolicy('\uFEFF{"version":1,"updates":false}')).toMatchObject({ policy: { updates: false } });
  });

  test("of a newer version, or misspelt, holds as far as it is understood, and the rest is named", () => {
    const parsed = read({
      version: 1,
      organization: "Contoso",
      settings: { imapPort: 3143, imaport: 1, pop3Port: 3110 },
      providers: { "microsoft-365": { clientId: "x", audience: "y" } },
    });
    expect(parsed).toEqual({
      kind: "policy",
      policy: { version: 1, settings: { imapPort: 3143 }, providers: { "microsoft-365": { clientId: "x" } } },
      unknown: ["organization", "settings.imaport", "settings.pop3Port", "providers.microsoft-365.audience"],
    });
  });

  test.each<[string, unknown, string]>([
    ["has another version", { version: 2 }, "version"],
    ["is a list", [], "it"],
    ["has a port that is none", { version: 1, settings: { imapPort: 70_000 } }, "settings.imapPort"],
    ["has a port that is a word", { version: 1, settings: { imapPort: "3143" } }, "settings.imapPort"],
    [
      "has a proxy with a password in it",
      { version: 1, settings: { mailProxy: "http://me:sesame@proxy:3128" } },
      "settings.mailProxy",
    ],
    [
      "names an authority file without its folder",
      { version: 1, settings: { authorityFile: "ca.pem" } },
      "settings.authorityFile",
    ],
    ["hopes for wildcards", { version: 1, allowedDomains: ["*.contoso.com"] }, "allowedDomains.0"],
    [
      "has a client id that is none",
      { version: 1, providers: { fastmail: { clientId: "two words" } } },
      "providers.fastmail.clientId",
    ],
    [
      "has a tenant that is none",
      { version: 1, providers: { fastmail: { clientId: "x", tenant: "a/b" } } },
      "providers.fastmail.tenant",
    ],
    ["says updates in words", { version: 1, updates: "off" }, "updates"],
  ])("that %s is no policy, and where the flaw is, is told", (_flaw, content, where) => {
    const parsed = read(content);
    expect(parsed).toMatchObject({ kind: "flawed", problem: expect.stringContaining(where) });
    expect(JSON.stringify(parsed)).not.toContain("sesame");
  });

  test("that is no JSON is no policy", () => {
    expect(parsePolicy("{")).toEqual({ kind: "flawed", problem: "it is not JSON" });
  });
});
