// The device flow against a real authorization server, with a person at another device.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type DeviceAuthorizationAttempt,
  startDeviceAuthorization,
} from "../../../../src/oauth/client/device-authorization-grant.ts";
import type { OAuthClientSettings } from "../../../../src/oauth/client/settings.ts";
import { createTestAuthority, type TestAuthority } from "../../../support/authority.ts";
import {
  type AuthorizationServer,
  PUBLIC_CLIENT_ID,
  startAuthorizationServer,
} from "../../../support/authorization-server.ts";
import { approveDevice } from "../../../support/browser.ts";
import { createDeviceRig, wordFor } from "../../../support/device-rig.ts";
import { ALICE } from "../../../support/person.ts";
import { trustInThisProcess } from "../../../support/trust.ts";

let authority: TestAuthority;

beforeAll(async () => {
  authority = await createTestAuthority();
  trustInThisProcess(authority);
});

describe("the device flow with oidc-provider", () => {
  let provider: AuthorizationServer;

  beforeAll(async () => {
    provider = await startAuthorizationServer({ authority, people: [ALICE] });
  });
  afterAll(() => provider.close());

  const settings = (): Partial<OAuthClientSettings> => ({
    issuer: provider.issuer,
    clientId: PUBLIC_CLIENT_ID,
    scope: "openid email mail offline_access",
  });

  /** The person opens the address with the code in it, and answers what they are asked. */
  function visit(attempt: DeviceAuthorizationAttempt, decision: "allow" | "deny"): Promise<string> {
    return approveDevice(attempt.verificationUriComplete ?? "", { ...ALICE, authority, decision });
  }

  it("signs a person in who types the code on another device", async () => {
    const rig = createDeviceRig(provider.issuer, {}, settings());
    const attempt = await startDeviceAuthorization(rig.request);
    const outcome = wordFor(attempt);
    await rig.pass(6);
    expect(await visit(attempt, "allow")).toContain("Signed in");
    await rig.pass(5);
    expect(await outcome).toBe("kept");
    const [tokens] = rig.accepted;
    expect(tokens?.identity).toBe(ALICE.email);
    expect(await provider.checkToken(tokens?.accessToken.reveal() ?? "")).toBe(ALICE.email);
  });

  it("tells that the person refused", async () => {
    const rig = createDeviceRig(provider.issuer, {}, settings());
    const attempt = await startDeviceAuthorization(rig.request);
    const outcome = wordFor(attempt);
    // The server then asks for another code, again and again.
    await expect(visit(attempt, "deny")).rejects.toThrow("no end");
    await rig.pass(5);
    expect(await outcome).toBe("sign-in-denied");
  });

  it("survives that the server is away while the person types", async () => {
    const rig = createDeviceRig(provider.issuer, {}, settings());
    const attempt = await startDeviceAuthorization(rig.request);
    const outcome = wordFor(attempt);
    await provider.pause();
    await rig.pass(6);
    await provider.resume();
    await visit(attempt, "allow");
    await rig.pass(10);
    expect(await outcome).toBe("kept");
  });
});
