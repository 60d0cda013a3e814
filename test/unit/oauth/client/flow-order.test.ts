// Which ways of signing in are offered, and in which order.
import { describe, expect, it } from "vitest";
import { isMicrosoft, orderFlows } from "../../../../src/oauth/client/flow-order.ts";

const MICROSOFT = "https://login.microsoftonline.com/common/v2.0";
const GOOGLE = "https://accounts.google.com";
const OTHER = "https://auth.example.test/realms/mail";
const LOOPBACK = "http://127.0.0.1/callback";
const ELSEWHERE = "https://example.test/callback";

const here = { browserHere: true, offersDevice: true, redirectUri: LOOPBACK };
const away = { ...here, browserHere: false };

describe("the order of flows", () => {
  it("begins with the browser where there is one", () => {
    for (const issuer of [MICROSOFT, OTHER]) {
      expect(orderFlows({ ...here, issuer })).toEqual(["loopback", "paste", "device"]);
    }
  });

  it("begins with the device flow on a machine without a browser", () => {
    expect(orderFlows({ ...away, issuer: OTHER })).toEqual(["device", "loopback", "paste"]);
  });

  it("puts the device flow last at Microsoft, where many organisations block it", () => {
    expect(orderFlows({ ...away, issuer: MICROSOFT })).toEqual(["loopback", "paste", "device"]);
  });

  it.each([
    "https://login.microsoftonline.us/organizations/v2.0",
    "https://login.partner.microsoftonline.cn/common/v2.0",
    "https://login.chinacloudapi.cn/common",
  ])("knows Microsoft's other clouds: %s", (issuer) => {
    expect(orderFlows({ ...away, issuer })).toEqual(["loopback", "paste", "device"]);
  });

  it("takes nobody for Microsoft whose name only looks like it", () => {
    expect(isMicrosoft("https://login.microsoftonline.com.evil.test/common/v2.0")).toBe(false);
    expect(isMicrosoft("https://evil.test/login.microsoftonline.com")).toBe(false);
  });

  it("leaves out the device flow at Google, which has no mail scope for it", () => {
    expect(orderFlows({ ...here, issuer: GOOGLE })).toEqual(["loopback", "paste"]);
    expect(orderFlows({ ...away, issuer: GOOGLE })).toEqual(["loopback", "paste"]);
  });

  it("leaves out the loopback where the redirect is an https address that nobody here listens at", () => {
    expect(orderFlows({ ...here, issuer: OTHER, redirectUri: ELSEWHERE })).toEqual(["paste", "device"]);
    expect(orderFlows({ ...away, issuer: OTHER, redirectUri: ELSEWHERE })).toEqual(["device", "paste"]);
  });

  it("always offers something", () => {
    for (const issuer of [MICROSOFT, GOOGLE, OTHER]) {
      for (const redirectUri of [
        LOOPBACK,
        "http://localhost:8080/callback",
        "http://[::1]/callback",
        ELSEWHERE,
      ]) {
        for (const browserHere of [true, false]) {
          for (const offersDevice of [true, false]) {
            const flows = orderFlows({ issuer, redirectUri, browserHere, offersDevice });
            expect(flows).toContain("paste");
            expect(new Set(flows).size).toBe(flows.length);
            expect(flows.includes("device") && !offersDevice).toBe(false);
            expect(flows.includes("loopback")).toBe(redirectUri.startsWith("http:"));
          }
        }
      }
    }
  });
});
