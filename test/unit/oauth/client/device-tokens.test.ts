// The tokens of the device flow: what is refused in them, and whose id_token is believed.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createTestAuthority } from "../../../support/authority.ts";
import {
  createDeviceRig,
  type DeviceRig,
  type DeviceServer,
  type Json,
  startDeviceServer,
  TOKENS,
  wordAfter,
} from "../../../support/device-rig.ts";
import { trustInThisProcess } from "../../../support/trust.ts";

let server: DeviceServer;

beforeAll(async () => {
  const authority = await createTestAuthority();
  trustInThisProcess(authority);
  server = await startDeviceServer(authority);
});
beforeEach(() => server.reset());
afterAll(() => server.close());

describe("tokens that are not what they should be", () => {
  it("are refused without a refresh token", async () => {
    const { refresh_token: _left, ...rest } = TOKENS;
    const rig = createDeviceRig(server.issuer);
    server.replies = [{ status: 200, body: rest }];
    expect(await wordAfter(30, rig)).toBe("sign-in-not-lasting");
    expect(rig.asked).toEqual([5]);
  });

  it.each<[string, Json]>([
    ["has a line break", { access_token: "a\r\nX: y" }],
    ["is bound to a key", { token_type: "DPoP" }],
    ["is of an unknown type", { token_type: "mac" }],
    ["ended before it began", { expires_in: -1 }],
  ])("are refused when the access token %s, and the code is not used again", async (_what, changes) => {
    const rig = createDeviceRig(server.issuer);
    server.replies = [{ status: 200, body: { ...TOKENS, ...changes } }];
    expect(await wordAfter(30, rig)).toBe("access-token-unusable");
    expect(rig.asked).toEqual([5]);
    expect(rig.accepted).toEqual([]);
  });
});

describe("the id_token", () => {
  const seconds = (): number => Math.floor(Date.now() / 1000);
  const claims = (): Json => ({
    iss: server.issuer,
    aud: "postern",
    sub: "subject-1",
    email: "alice@example.test",
    iat: seconds(),
    exp: seconds() + 3600,
  });
  const encoded = (json: Json): string => Buffer.from(JSON.stringify(json)).toString("base64url");
  const idToken = (header: Json, payload: Json, signature = "c2lnbmF0dXJl"): string =>
    `${encoded(header)}.${encoded(payload)}.${signature}`;

  async function outcomeWith(token: string): Promise<{ readonly code: string; readonly rig: DeviceRig }> {
    const rig = createDeviceRig(server.issuer);
    server.replies = [{ status: 200, body: { ...TOKENS, id_token: token } }];
    const code = await wordAfter(30, rig);
    expect(rig.asked).toEqual([5]);
    return { code, rig };
  }

  it("says who signed in", async () => {
    const { code, rig } = await outcomeWith(idToken({ alg: "RS256" }, claims()));
    expect(code).toBe("kept");
    expect(rig.accepted[0]).toMatchObject({ identity: "alice@example.test", subject: "subject-1" });
  });

  it.each<[string, () => string]>([
    ["is for another client", () => idToken({ alg: "RS256" }, { ...claims(), aud: "somebody-else" })],
    [
      "was issued to another client",
      () => idToken({ alg: "RS256" }, { ...claims(), aud: ["postern", "b"], azp: "b" }),
    ],
    ["is another issuer's", () => idToken({ alg: "RS256" }, { ...claims(), iss: "https://evil.test" })],
    ["has expired", () => idToken({ alg: "RS256" }, { ...claims(), exp: seconds() - 3600 })],
    ["names nobody", () => idToken({ alg: "RS256" }, { ...claims(), sub: undefined })],
    ["is not signed", () => idToken({ alg: "none" }, claims(), "")],
    ["is signed with a secret instead of a key", () => idToken({ alg: "HS256" }, claims())],
    ["is none", () => "not-a-token"],
  ])("is not believed when it %s, and nothing is kept", async (_what, token) => {
    const { code, rig } = await outcomeWith(token());
    expect(code).toBe("identity-not-proven");
    expect(rig.accepted).toEqual([]);
  });

  it.each(["none", "NONE", "nOnE"])(
    "is not believed with alg %s, also where the metadata lists it",
    async (alg) => {
      server.metadata = { ...server.metadata, id_token_signing_alg_values_supported: ["RS256", alg] };
      const { code, rig } = await outcomeWith(idToken({ alg }, claims(), ""));
      expect(code).toBe("identity-not-proven");
      expect(rig.accepted).toEqual([]);
    },
  );
});
