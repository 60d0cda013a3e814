// The device flow: how it begins, how it ends, and that it can be called off at any moment.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ErrorCode } from "../../../../src/errors/catalogue.ts";
import { PosternError } from "../../../../src/errors/postern-error.ts";
import { createAuthorizationServers } from "../../../../src/oauth/client/authorization-server.ts";
import { startDeviceAuthorization } from "../../../../src/oauth/client/device-authorization-grant.ts";
import type { Acceptance } from "../../../../src/oauth/client/settings.ts";
import { clientSecret } from "../../../../src/secret/secret.ts";
import { createTestAuthority } from "../../../support/authority.ts";
import {
  createDeviceRig,
  DEVICE_CODE,
  type DeviceServer,
  endOf,
  ISSUED,
  type Json,
  PENDING,
  startDeviceServer,
  wordAfter,
  wordFor,
} from "../../../support/device-rig.ts";
import { failureOf } from "../../../support/failure-of.ts";
import { trustInThisProcess } from "../../../support/trust.ts";

let server: DeviceServer;

beforeAll(async () => {
  const authority = await createTestAuthority();
  trustInThisProcess(authority);
  server = await startDeviceServer(authority);
});
beforeEach(() => server.reset());
afterAll(() => server.close());

describe("the start of a device authorization", () => {
  it("gives the code, where to type it, and until when", async () => {
    const rig = createDeviceRig(server.issuer);
    const attempt = await startDeviceAuthorization(rig.request);
    expect(attempt).toMatchObject({
      userCode: "WDJB-MJHT",
      verificationUri: `${server.issuer}/device`,
      verificationUriComplete: `${server.issuer}/device?user_code=WDJB-MJHT`,
      expiresAt: rig.clock.now() + 900_000,
    });
    expect(Object.fromEntries(server.forms[0]?.form ?? [])).toEqual({
      client_id: "postern",
      scope: "openid mail offline_access",
    });
    attempt.cancel();
    await wordFor(attempt);
  });

  it("authenticates the client at both endpoints", async () => {
    const rig = createDeviceRig(server.issuer, {}, { clientSecret: clientSecret("a secret of the client") });
    server.replies = [ISSUED];
    const outcome = wordFor(await startDeviceAuthorization(rig.request));
    await rig.pass(5);
    expect(await outcome).toBe("kept");
    expect(server.forms.map(({ path, form }) => [path, form.get("client_secret")])).toEqual([
      ["/device_authorization", "a secret of the client"],
      ["/token", "a secret of the client"],
    ]);
    expect(server.forms[1]?.form.get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:device_code");
    expect(server.forms[1]?.form.get("device_code")).toBe(DEVICE_CODE);
  });

  it("is refused where the metadata names no endpoint for it", async () => {
    const { device_authorization_endpoint: _left, ...rest } = server.metadata;
    server.metadata = rest;
    expect((await failureOf(startDeviceAuthorization(createDeviceRig(server.issuer).request))).code).toBe(
      "flow-not-offered",
    );
  });

  it.each(["file:///bin/sh", "javascript:alert(1)", "http://localhost/device", "https://evil.test/device"])(
    "is refused when the server sends people to %s, and asks for nothing more",
    async (address) => {
      server.device = { ...server.device, verification_uri: address };
      const rig = createDeviceRig(server.issuer);
      expect((await failureOf(startDeviceAuthorization(rig.request))).code).toBe("device-address-refused");
      await rig.pass(30);
      expect(rig.asked).toEqual([]);
    },
  );

  it("takes an address on a host that a person agreed to", async () => {
    server.device = { ...server.device, verification_uri: "https://pages.test/device" };
    const rig = createDeviceRig(server.issuer, { verificationHost: "pages.test" });
    const attempt = await startDeviceAuthorization(rig.request);
    expect(attempt.verificationUri).toBe("https://pages.test/device");
    // It is on the issuer's host, which is not where the person goes.
    expect(attempt).not.toHaveProperty("verificationUriComplete");
    attempt.cancel();
    await wordFor(attempt);
  });

  it("reads the name that drafts of RFC 8628 had for the address", async () => {
    const { verification_uri: _new, verification_uri_complete: _complete, ...rest } = server.device;
    server.device = {
      ...rest,
      verification_url: `${server.issuer}/device`,
      interval: "7",
      expires_in: "600",
    };
    const rig = createDeviceRig(server.issuer);
    const attempt = await startDeviceAuthorization(rig.request);
    expect(attempt.verificationUri).toBe(`${server.issuer}/device`);
    await rig.pass(20);
    expect(rig.asked).toEqual([7, 14]);
    attempt.cancel();
    await wordFor(attempt);
  });

  it.each(["", " ", "A\u001b[2J", "A\nB", "\u202eABCD", "x".repeat(65), "АВС"])(
    "shows no code like %j",
    async (userCode) => {
      server.device = { ...server.device, user_code: userCode };
      expect((await failureOf(startDeviceAuthorization(createDeviceRig(server.issuer).request))).code).toBe(
        "authorization-server-failing",
      );
    },
  );

  it.each(["123-456-789", "W", "x".repeat(64), "two words"])("shows a code like %j", async (userCode) => {
    server.device = { ...server.device, user_code: userCode };
    const attempt = await startDeviceAuthorization(createDeviceRig(server.issuer).request);
    expect(attempt.userCode).toBe(userCode);
    attempt.cancel();
    await wordFor(attempt);
  });
});

describe("the end of a device authorization", () => {
  it("is the tokens, accepted once, and nothing more is asked", async () => {
    const rig = createDeviceRig(server.issuer);
    server.replies = [PENDING, ISSUED];
    const outcome = wordFor(await startDeviceAuthorization(rig.request));
    await rig.pass(30);
    expect(await outcome).toBe("kept");
    expect(rig.asked).toEqual([5, 10]);
    const [tokens, ...more] = rig.accepted;
    expect(more).toEqual([]);
    expect(tokens?.accessToken.reveal()).toBe("access-1");
    expect(tokens?.refreshToken?.reveal()).toBe("refresh-1");
    expect(tokens).toMatchObject({ lifetime: 3600, scope: "mail", tokenEndpoint: `${server.issuer}/token` });
    expect(rig.clock.scheduled()).toBe(0);
  });

  it("is what the judge of the tokens says", async () => {
    const asked = createDeviceRig(server.issuer, {
      accept: async () => ({ kind: "asked", identity: "bob@example.test" }),
    });
    server.replies = [ISSUED];
    const attempt = await startDeviceAuthorization(asked.request);
    await asked.pass(5);
    expect(await attempt.completed).toEqual({ kind: "asked", identity: "bob@example.test" });

    const refusing = createDeviceRig(server.issuer, {
      accept: () => Promise.reject(new PosternError("scope-not-granted")),
    });
    server.replies = [ISSUED];
    expect(await wordAfter(5, refusing)).toBe("scope-not-granted");
  });

  it("comes by itself when the code expires, after a last question", async () => {
    server.device = { ...server.device, expires_in: 22 };
    const rig = createDeviceRig(server.issuer);
    expect(await wordAfter(60, rig)).toBe("device-code-expired");
    expect(rig.asked).toEqual([5, 10, 15, 20]);
    expect(rig.clock.scheduled()).toBe(0);
  });

  it("comes when the code expires, also where the server was never reached", async () => {
    server.device = { ...server.device, expires_in: 100 };
    server.replies = Array.from({ length: 20 }, () => "reset" as const);
    const rig = createDeviceRig(server.issuer);
    expect(await wordAfter(100, rig)).toBe("device-code-expired");
    expect(rig.asked).toEqual([5, 15, 35, 75]);
  });

  it("comes within the hour, however long the code lives", async () => {
    server.device = { ...server.device, expires_in: 1e12, interval: 3599 };
    const rig = createDeviceRig(server.issuer);
    const attempt = await startDeviceAuthorization(rig.request);
    expect(attempt.expiresAt).toBe(rig.clock.now() + 3_600_000);
    const outcome = wordFor(attempt);
    await rig.clock.advance(3_598_000);
    await rig.pass(2);
    expect(rig.asked).toEqual([3599]);
    expect(await outcome).toBe("device-code-expired");
  });

  it.each<[string, Json, ErrorCode]>([
    ["an expired code", { error: "expired_token" }, "device-code-expired"],
    ["a refusal", { error: "access_denied" }, "sign-in-denied"],
    ["Microsoft's word for it", { error: "authorization_declined" }, "sign-in-denied"],
    ["a code that was used already", { error: "invalid_grant" }, "device-code-wrong"],
    [
      "Microsoft's conditional access",
      { error: "invalid_grant", error_description: "AADSTS53003: blocked", error_codes: [53003] },
      "device-flow-blocked",
    ],
    ["a locked account", { error: "invalid_grant", error_codes: [50053] }, "account-locked"],
    ["a client that may not", { error: "unauthorized_client" }, "flow-not-offered"],
    ["an unknown client", { error: "invalid_client" }, "oauth-client-refused"],
  ])("comes at once with %s", async (_what, body, code) => {
    const rig = createDeviceRig(server.issuer);
    server.replies = [PENDING, { status: 400, body }];
    expect(await wordAfter(60, rig)).toBe(code);
    expect(rig.asked).toEqual([5, 10]);
    expect(rig.accepted).toEqual([]);
  });

  it.each<[string, ErrorCode]>([
    ["expired_token", "device-code-expired"],
    ["access_denied", "sign-in-denied"],
  ])("comes at once with %s in a 200, too", async (error, code) => {
    server.replies = [{ status: 200, body: { error } }];
    expect(await wordAfter(6, createDeviceRig(server.issuer))).toBe(code);
  });

  it("comes with a certificate that nobody vouches for", async () => {
    const rig = createDeviceRig(server.issuer);
    let asked = 0;
    const servers = createAuthorizationServers(rig.clock, async (url, options) => {
      if (!url.endsWith("/token")) return await globalThis.fetch(url, options);
      asked += 1;
      throw new TypeError("fetch failed", {
        cause: Object.assign(new Error("self-signed"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" }),
      });
    });
    const attempt = await startDeviceAuthorization({ ...rig.request, servers });
    const outcome = wordFor(attempt);
    await rig.pass(30);
    expect(await outcome).toBe("authorization-server-certificate");
    expect(asked).toBe(1);
  });

  it("never tells the device code, also where the server echoes it", async () => {
    const rig = createDeviceRig(server.issuer);
    server.replies = [
      { status: 400, body: { error: "invalid_request", error_description: `bad: ${DEVICE_CODE}` } },
    ];
    const end = endOf(await startDeviceAuthorization(rig.request));
    await rig.pass(5);
    expect(String(await end)).toContain("bad: [withheld]");
  });
});

describe("cancelling", () => {
  it("ends the wait at once, and nothing is asked afterwards", async () => {
    const rig = createDeviceRig(server.issuer);
    const attempt = await startDeviceAuthorization(rig.request);
    const outcome = wordFor(attempt);
    await rig.pass(3);
    attempt.cancel();
    expect(await outcome).toBe("sign-in-cancelled");
    await rig.pass(30);
    expect(rig.asked).toEqual([]);
    expect(rig.clock.scheduled()).toBe(0);
  });

  it("ends a question that the server does not answer", async () => {
    const rig = createDeviceRig(server.issuer);
    server.replies = ["hang"];
    const attempt = await startDeviceAuthorization(rig.request);
    const outcome = wordFor(attempt);
    await rig.clock.advance(5000);
    expect(rig.asked).toEqual([5]);
    attempt.cancel();
    expect(await outcome).toBe("sign-in-cancelled");
  });

  it("keeps tokens that come after it from being accepted", async () => {
    const rig = createDeviceRig(server.issuer);
    const gate = Promise.withResolvers<void>();
    server.replies = [{ gate: gate.promise, reply: ISSUED }];
    const attempt = await startDeviceAuthorization(rig.request);
    const outcome = wordFor(attempt);
    await rig.clock.advance(5000);
    attempt.cancel();
    gate.resolve();
    await rig.pass(1);
    expect(rig.answered()).toBe(2);
    expect(await outcome).toBe("sign-in-cancelled");
    expect(rig.accepted).toEqual([]);
  });

  it("comes too late once the tokens are being accepted", async () => {
    const gate = Promise.withResolvers<Acceptance>();
    const rig = createDeviceRig(server.issuer, { accept: () => gate.promise });
    server.replies = [ISSUED];
    const attempt = await startDeviceAuthorization(rig.request);
    const outcome = wordFor(attempt);
    await rig.pass(5);
    attempt.cancel();
    gate.resolve({ kind: "kept" });
    expect(await outcome).toBe("kept");
  });
});
