import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type ClientIdParts, createClientIds } from "../../../src/daemon/client-ids.ts";
import { failureOf } from "../../support/failure-of.ts";
import { createTemporaryFolder } from "../../support/temporary-folder.ts";

const NOBODY = { clientOf: async () => undefined };
const POLICY = {
  version: 1,
  providers: { "microsoft-365": { clientId: "policy-id", tenant: "contoso.com" } },
};

function policyFile(content: unknown): string {
  const path = join(createTemporaryFolder(), "policy.json");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const absent = join(import.meta.dirname, "no-policy-here.json");

describe("a client id that nobody has named", () => {
  test("is the person's own, before the administrator's, before the build's", async () => {
    const own = { clientId: "own-id", clientSecret: undefined, tenant: undefined };
    const all = {
      registrations: { clientOf: async () => own },
      policy: policyFile(POLICY),
      builtIn: { "microsoft-365": "built-id" },
    };
    const of = (parts: Partial<ClientIdParts> & Pick<ClientIdParts, "policy" | "builtIn">) =>
      createClientIds({ registrations: NOBODY, ...parts }).of("microsoft-365", undefined);
    const { registrations: _own, ...withoutOwn } = all;
    expect(await of(all)).toMatchObject({ from: "registration", clientId: "own-id" });
    expect(await of(withoutOwn)).toMatchObject({
      from: "policy",
      clientId: "policy-id",
      tenant: "contoso.com",
    });
    expect(await of({ ...withoutOwn, policy: absent })).toMatchObject({
      from: "build",
      clientId: "built-id",
    });
    expect(await of({ policy: absent, builtIn: {} })).toBeUndefined();
  });

  test.each(["google", "__proto__", "constructor"])("is not another provider's: %s", async (provider) => {
    const parts = { registrations: NOBODY, policy: policyFile(POLICY), builtIn: { yahoo: "x" } };
    expect(await createClientIds(parts).of(provider, undefined)).toBeUndefined();
  });

  test("of a server of somebody's own is looked for by that server's name, and never in policy or build", async () => {
    const asked: [string, string | undefined][] = [];
    const parts = {
      registrations: {
        clientOf: async (provider: string, issuer?: string) => {
          asked.push([provider, issuer]);
          return undefined;
        },
      },
      policy: policyFile({ version: 1, providers: { dovecot: { clientId: "x" } } }),
      builtIn: { dovecot: "y" },
    };
    expect(await createClientIds(parts).of("dovecot", "https://login.example.org")).toBeUndefined();
    expect(asked).toEqual([["dovecot", "https://login.example.org"]]);
  });
});

test("without the secret that its provider wants is of no use, so it is none", async () => {
  const withoutSecret = { clientId: "x", clientSecret: undefined, tenant: undefined };
  const parts = {
    registrations: { clientOf: async () => withoutSecret },
    policy: policyFile({ version: 1, providers: { google: { clientId: "y" } } }),
    builtIn: { google: "z" },
  };
  expect(await createClientIds(parts).of("google", undefined)).toBeUndefined();
});

describe("the administrator's policy", () => {
  test("decides which domains may be added, however they are written", async () => {
    const policy = policyFile({ ...POLICY, allowedDomains: ["contoso.com", "bücher.example"] });
    const { requireAllowed } = createClientIds({ registrations: NOBODY, policy, builtIn: {} });
    for (const email of ["a@contoso.com", "a@CONTOSO.com", "a@xn--bcher-kva.example"])
      await requireAllowed(email);
    for (const email of [
      "a@gmail.com",
      "a@contoso.com.evil.example",
      "a@sub.contoso.com",
      "contoso.com@evil.example",
    ]) {
      expect((await failureOf(requireAllowed(email))).code, email).toBe("policy-forbids");
    }
    await createClientIds({ registrations: NOBODY, policy: absent, builtIn: {} }).requireAllowed(
      "a@gmail.com",
    );
  });

  test("may say more than this version reads, and begin with a byte order mark", async () => {
    const content = `\uFEFF${JSON.stringify({ ...POLICY, allowedDomains: ["contoso.com"], updates: "off" })}`;
    const parts = { registrations: NOBODY, policy: policyFile(content), builtIn: {} };
    expect((await createClientIds(parts).of("microsoft-365", undefined))?.clientId).toBe("policy-id");
  });

  test.each<[string, unknown]>([
    ["is no JSON", "{"],
    ["has another version", { ...POLICY, version: 2 }],
    ["has a client id that is none", { version: 1, providers: { fastmail: { clientId: "two words" } } }],
    ["has a tenant that is none", { version: 1, providers: { fastmail: { clientId: "x", tenant: "a/b" } } }],
    ["is endless", `${JSON.stringify(POLICY)}${" ".repeat(300_000)}`],
  ])("is named as the trouble where it %s", async (_flaw, content) => {
    const path = policyFile(content);
    const parts = { registrations: NOBODY, policy: path, builtIn: {} };
    const failure = await failureOf(createClientIds(parts).of("fastmail", undefined));
    expect(failure.code).toBe("policy-unusable");
    expect(failure.detail).toContain(path.slice(-11));
  });
});
