// When the device flow asks for its tokens: never sooner than the server wants, and on through every blip.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startDeviceAuthorization } from "../../../../src/oauth/client/device-authorization-grant.ts";
import { createTestAuthority } from "../../../support/authority.ts";
import {
  createDeviceRig,
  type DeviceServer,
  ISSUED,
  PENDING,
  type Reply,
  SLOW_DOWN,
  startDeviceServer,
  wordFor,
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

describe("the times between two questions", () => {
  async function timesOf(
    seconds: number,
  ): Promise<{ readonly asked: readonly number[]; readonly code: string }> {
    const rig = createDeviceRig(server.issuer);
    const attempt = await startDeviceAuthorization(rig.request);
    const outcome = wordFor(attempt);
    await rig.pass(seconds);
    attempt.cancel();
    return { asked: rig.asked, code: await outcome };
  }

  it("are 5 seconds where the server names none", async () => {
    expect((await timesOf(17)).asked).toEqual([5, 10, 15]);
  });

  it("are the server's", async () => {
    server.device = { ...server.device, interval: 8 };
    expect((await timesOf(20)).asked).toEqual([8, 16]);
  });

  it.each([0, -3, "soon", null])("are 5 seconds where the server names %j", async (interval) => {
    server.device = { ...server.device, interval };
    expect((await timesOf(11)).asked).toEqual([5, 10]);
  });

  it("are never shorter than one second", async () => {
    server.device = { ...server.device, interval: 0.001 };
    expect((await timesOf(3)).asked).toEqual([1, 2, 3]);
  });

  it("do not become short when the server names one that no timer can count to", async () => {
    server.device = { ...server.device, interval: 1e10 };
    expect(await timesOf(900)).toEqual({ asked: [], code: "device-code-expired" });
  });

  it("grow by 5 seconds with each slow_down, for good: 5, 10, 15", async () => {
    server.replies = [SLOW_DOWN, SLOW_DOWN, PENDING];
    expect((await timesOf(61)).asked).toEqual([5, 15, 30, 45, 60]);
  });

  it("double while the server cannot be reached, to a minute, and are the old ones after that", async () => {
    server.replies = ["reset", "reset", "reset", "reset", "reset", PENDING, PENDING];
    expect((await timesOf(206)).asked).toEqual([5, 15, 35, 75, 135, 195, 200, 205]);
  });

  it("keep what slow_down added through a blip", async () => {
    server.replies = [SLOW_DOWN, "reset", PENDING, PENDING];
    expect((await timesOf(56)).asked).toEqual([5, 15, 35, 45, 55]);
  });

  it.each<[string, Reply]>([
    ["with a failure", { status: 503, body: "busy", headers: { "retry-after": "40" } }],
    ["with a limit", { status: 429, body: { error: "too_many" }, headers: { "retry-after": "40" } }],
    [
      "while it waits for the person",
      { status: 400, body: { error: "authorization_pending" }, headers: { "retry-after": "40" } },
    ],
    [
      "as a date, by its own clock",
      {
        status: 503,
        body: "busy",
        headers: {
          date: "Wed, 21 Oct 2015 07:27:20 GMT",
          "retry-after": "Wed, 21 Oct 2015 07:28:00 GMT",
        },
      },
    ],
  ])("are what the server asks for in Retry-After %s, once", async (_how, reply) => {
    server.replies = [reply, PENDING];
    expect((await timesOf(51)).asked).toEqual([5, 45, 50]);
  });

  it("are five minutes when Microsoft says that we ask too often", async () => {
    server.replies = [{ status: 400, body: { error: "invalid_request", error_codes: [50196] } }, PENDING];
    expect((await timesOf(311)).asked).toEqual([5, 305, 310]);
  });

  it("are not made shorter by Retry-After", async () => {
    server.replies = [{ status: 503, body: "busy", headers: { "retry-after": "1" } }, PENDING];
    expect((await timesOf(16)).asked).toEqual([5, 15]);
  });

  it.each<[string, Reply]>([
    [
      "a gateway's page",
      { status: 502, body: "<h1>Bad gateway</h1>", headers: { "content-type": "text/html" } },
    ],
    ["a captive portal", { status: 200, body: "<h1>Log in</h1>", headers: { "content-type": "text/html" } }],
    ["half of an answer", { status: 200, body: '{"access_' }],
    ["an error that passes", { status: 400, body: { error: "temporarily_unavailable" } }],
    ["a failure that looks like a refusal", { status: 500, body: { error: "access_denied" } }],
    ["a pending 200, against the RFC", { status: 200, body: { error: "authorization_pending" } }],
  ])("go on over %s, and the sign-in succeeds", async (_what, reply) => {
    const rig = createDeviceRig(server.issuer);
    server.replies = [reply, ISSUED];
    const outcome = wordFor(await startDeviceAuthorization(rig.request));
    await rig.pass(15);
    expect(await outcome).toBe("kept");
  });
});
