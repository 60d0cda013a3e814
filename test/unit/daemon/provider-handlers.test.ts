// The control methods about providers, with a provider in a small internet.
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { providerMethods } from "../../../src/control/provider-contract.ts";
import { createRegistrations } from "../../../src/daemon/config/registrations.ts";
import { createProviderHandlers } from "../../../src/daemon/provider-handlers.ts";
import type { ProviderPreset } from "../../../src/provider/preset.ts";
import { icloud } from "../../../src/provider/presets/icloud.ts";
import { microsoft365 } from "../../../src/provider/presets/microsoft-365.ts";
import { findPreset } from "../../../src/provider/table.ts";
import { failureOf } from "../../support/failure-of.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { createMemoryKeychain } from "../../support/memory-keychain.ts";
import { createOAuthPreset } from "../../support/provider-preset.ts";
import { createTemporaryFolder } from "../../support/temporary-folder.ts";
import { type Answer, prepareProviderWorlds } from "../provider-check/provider-rig.ts";

const createWorld = prepareProviderWorlds();
const HOST = "accounts.example.test";
const KNOWN: readonly ProviderPreset[] = [createOAuthPreset(), microsoft365, icloud];

async function start(answer: Answer = () => ({ status: 404 }), presets = KNOWN) {
  const world = await createWorld();
  const requests = await world.putWeb(HOST, answer);
  const registrations = createRegistrations({
    path: join(createTemporaryFolder(), "registrations.json"),
    keychain: createMemoryKeychain(),
    clock: createFakeClock(),
  });
  const find = (id: string) => presets.find((preset) => preset.id === id);
  return { handlers: createProviderHandlers({ ...world.parts(), registrations, find }), requests, world };
}

describe("provider.check", () => {
  test("answers in the contract's form", async () => {
    const { handlers } = await start();
    const report = await handlers["provider.check"]({ provider: "example" });
    expect(providerMethods["provider.check"].response.parse(report)).toEqual(report);
    expect(report.notAsked.length + report.differences.length).toBeGreaterThan(0);
  });

  test.each([
    [{ provider: "nobody" }, /no provider "nobody"/],
    [{ provider: "example", tenant: "contoso.com" }, /has no tenants/],
    [{ provider: "microsoft-365", tenant: "a..b" }, /is no tenant/],
  ])("refuses %j", async (request, reason) => {
    const { handlers } = await start();
    const failure = await failureOf(handlers["provider.check"](request));
    expect(failure.code).toBe("request-invalid");
    expect(failure.detail).toMatch(reason);
  });
});

describe("a registration", () => {
  test("is saved and shown in the contract's form, without the secret", async () => {
    const { handlers } = await start();
    const saved = await handlers["registration.save"]({
      provider: "example",
      done: ["app"],
      clientId: "c-1",
      clientSecret: "s3cret",
    });
    const shown = await handlers["registration.show"]({ provider: "example" });
    expect(shown.registration).toEqual(saved.registration);
    expect(shown.guide.usable).toBe(true);
    expect(shown.guide.steps.filter(({ confirmed }) => confirmed).map(({ id }) => id)).toEqual([
      "app",
      "publish",
    ]);
    expect(providerMethods["registration.show"].response.parse(shown)).toEqual(shown);
    expect(JSON.stringify(shown)).not.toContain("s3cret");
  });

  test.each([
    [{ provider: "icloud" }, /needs no client id/],
    [{ provider: "example", issuer: "https://evil.example" }, /its own issuer/],
    [{ provider: "example", tenant: "contoso.com" }, /has no tenants/],
  ])("refuses %j", async (request, reason) => {
    const { handlers } = await start();
    const failure = await failureOf(handlers["registration.save"](request));
    expect(failure.code).toBe("request-invalid");
    expect(failure.detail).toMatch(reason);
  });

  test("asks the sign-in page with the saved client id and the preset's own redirect address and scope", async () => {
    const { handlers, requests } = await start(() => ({ status: 200, body: "<form>" }));
    await handlers["registration.save"]({ provider: "example", clientId: "c-1" });
    const outcome = await handlers["registration.check"]({
      provider: "example",
      check: "authorize-endpoint-accepts",
    });
    expect(outcome.result).toBe("passed");
    expect(Object.fromEntries(requests[0]?.url.searchParams ?? [])).toMatchObject({
      client_id: "c-1",
      redirect_uri: "http://127.0.0.1:28714/callback",
      scope: "mail.imap mail.smtp offline_access openid",
    });
  });

  test("shows the saved secret to the token endpoint", async () => {
    const { handlers, requests } = await start(() => ({ status: 400, body: { error: "invalid_grant" } }));
    await handlers["registration.save"]({ provider: "example", clientId: "c-1", clientSecret: "s3cret" });
    const outcome = await handlers["registration.check"]({
      provider: "example",
      check: "token-endpoint-knows-client",
    });
    expect(outcome.result).toBe("passed");
    expect(requests[0]?.form.get("client_secret")).toBe("s3cret");
  });

  test("with another client id is looked at again, but what has nothing to do with that stays done", async () => {
    const { handlers } = await start();
    const save = handlers["registration.save"];
    const done = ["app", "client-id", "look", "sign-in"];
    await save({ provider: "example", clientId: "c-1", done });
    expect((await save({ provider: "example", clientId: "c-1" })).registration.done).toEqual(done);
    const { registration } = await save({ provider: "example", clientId: "c-2" });
    expect(registration).toMatchObject({ clientId: "c-2", done: ["app", "client-id"] });
    const insisted = await save({ provider: "example", clientId: "c-3", done: ["look"] });
    expect(insisted.registration.done).toContain("look");
  });

  test("is not asked about before there is a client id", async () => {
    const { handlers, requests } = await start();
    const failure = await failureOf(
      handlers["registration.check"]({ provider: "example", check: "authorize-endpoint-accepts" }),
    );
    expect(failure.detail).toMatch(/no client id yet/);
    expect(requests).toEqual([]);
  });
});

describe("a registration at somebody's own server", () => {
  const generic = findPreset("generic");
  const metadata = {
    issuer: `https://${HOST}`,
    authorization_endpoint: `https://${HOST}/authorize`,
    token_endpoint: `https://${HOST}/token`,
  };
  const answer: Answer = ({ url }) =>
    url.pathname.includes(".well-known")
      ? { status: 200, headers: { "content-type": "application/json" }, body: metadata }
      : { status: 200, body: "<form>" };

  test("finds the sign-in page by the issuer that the person named", async () => {
    const { handlers, requests } = await start(answer, generic === undefined ? [] : [generic]);
    await handlers["registration.save"]({
      provider: "generic",
      clientId: "c-1",
      issuer: `https://${HOST}`,
    });
    const request = { provider: "generic", check: "authorize-endpoint-accepts" } as const;
    expect((await handlers["registration.check"](request)).result).toBe("passed");
    expect(requests.map(({ url }) => url.pathname)).toEqual([
      "/.well-known/openid-configuration",
      "/authorize",
    ]);
  });

  test("needs that issuer first, and knows no tenants", async () => {
    const { handlers } = await start(answer, generic === undefined ? [] : [generic]);
    await handlers["registration.save"]({ provider: "generic", clientId: "c-1" });
    for (const [check, reason] of [
      ["authorize-endpoint-accepts", /no issuer yet/],
      ["tenant-exists", /no tenants/],
    ] as const) {
      const failure = await failureOf(handlers["registration.check"]({ provider: "generic", check }));
      expect(failure.detail).toMatch(reason);
    }
  });
});

test("tenants are looked for at the preset's own host", async () => {
  const { handlers, world } = await start();
  await handlers["registration.save"]({ provider: "microsoft-365", tenant: "Contoso.com" });
  const outcome = await handlers["registration.check"]({ provider: "microsoft-365", check: "tenant-exists" });
  expect(outcome.result).toBe("unclear");
  expect(new Set(world.internet.asked)).toEqual(new Set(["login.microsoftonline.com:443"]));
});
