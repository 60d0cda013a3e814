import { describe, expect, test } from "vitest";
import { type ClientIdParts, createClientIds } from "../../../src/daemon/client-ids.ts";
import { parsePolicy } from "../../../src/policy/policy.ts";
import { failureOf } from "../../support/failure-of.ts";

const NOBODY = { clientOf: async () => undefined };
const POLICY = {
  version: 1,
  providers: { "microsoft-365": { clientId: "policy-id", tenant: "contoso.com" } },
};

/** As `openPolicy` has it in force, of a file with this content. */
function policyOf(content: unknown): ClientIdParts["policy"] {
  const parsed = parsePolicy(JSON.stringify(content));
  const policy = parsed.kind === "policy" ? parsed.policy : undefined;
  return { refresh: async () => ({ file: { path: "/etc/policy.json", ...parsed }, policy }) };
}

const absent: ClientIdParts["policy"] = {
  refresh: async () => ({ file: { kind: "none" }, policy: undefined }),
};

describe("a client id that nobody has named", () => {
  test("is the person's own, before the administrator's, before the build's", async () => {
    const own = { clientId: "own-id", clientSecret: undefined, tenant: undefined };
    const all = {
      registrations: { clientOf: async () => own },
      policy: policyOf(POLICY),
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
    const parts = { registrations: NOBODY, policy: policyOf(POLICY), builtIn: { yahoo: "x" } };
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
      policy: policyOf({ version: 1, providers: { dovecot: { clientId: "x" } } }),
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
    policy: policyOf({ version: 1, providers: { google: { clientId: "y" } } }),
    builtIn: { google: "z" },
  };
  expect(await createClientIds(parts).of("google", undefined)).toBeUndefined();
});

test("is not made up while the administrator's word cannot be read", async () => {
  const parts = {
    registrations: NOBODY,
    policy: policyOf({ ...POLICY, version: 2 }),
    builtIn: { fastmail: "z" },
  };
  const failure = await failureOf(createClientIds(parts).of("fastmail", undefined));
  expect(failure.code).toBe("policy-unusable");
  expect(failure.detail).toContain("/etc/policy.json: version");
});
