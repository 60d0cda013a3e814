// Which addresses a device authorization response may send a person to (threats.md G3).
import type { ServerMetadata } from "openid-client";
import { describe, expect, it } from "vitest";
import {
  completeAddress,
  requireVerificationAddress,
  type VerificationHosts,
} from "../../../../src/oauth/client/verification-address.ts";
import { failureOf } from "../../../support/failure-of.ts";

const metadata: ServerMetadata = {
  issuer: "https://auth.example.test/realms/mail",
  token_endpoint: "https://tokens.example.test:8443/token",
  authorization_endpoint: "https://login.example.test/authorize",
  jwks_uri: "https://keys.example.test/jwks",
  service_documentation: "https://docs.example.test/",
};
const hosts: VerificationHosts = { issuer: metadata.issuer, metadata, agreed: [] };
const at = (issuer: string): VerificationHosts => ({ issuer, metadata: { issuer }, agreed: [] });

describe("the address that a person is sent to", () => {
  it.each([
    ["on the issuer's host", "https://auth.example.test/device"],
    ["on another port of it", "https://auth.example.test:8443/device"],
    ["on the host of one of its endpoints", "https://login.example.test/device?lang=en"],
    ["on the host of an endpoint with a port", "https://tokens.example.test/device"],
  ])("may be %s", (_where, address) => {
    expect(requireVerificationAddress(address, hosts)).toBe(address);
  });

  it.each([
    ["https://login.microsoftonline.com/common/v2.0", "https://microsoft.com/devicelogin"],
    ["https://login.microsoftonline.com/common/v2.0", "https://login.microsoft.com/device"],
    ["https://login.microsoftonline.com/consumers/v2.0", "https://www.microsoft.com/link"],
    ["https://login.microsoftonline.com/common/v2.0", "https://aka.ms/devicelogin"],
    ["https://login.microsoftonline.us/common/v2.0", "https://microsoft.com/deviceloginus"],
    ["https://login.partner.microsoftonline.cn/common/v2.0", "https://microsoft.com/deviceloginchina"],
    ["https://accounts.google.com", "https://www.google.com/device"],
    ["https://accounts.google.com", "https://google.com/device"],
  ])("of %s may be %s", (issuer, address) => {
    expect(requireVerificationAddress(address, at(issuer))).toBe(address);
  });

  it("may be on a host that a person agreed to, whatever its letters and port", async () => {
    const agreed = { ...hosts, agreed: ["Pages.Example.Test"] };
    expect(requireVerificationAddress("https://pages.example.test:8443/device", agreed)).toContain("8443");
    expect(requireVerificationAddress("https://[::1]/device", { ...hosts, agreed: ["::1"] })).toContain(
      "[::1]",
    );
    const other = await failureOf(() => requireVerificationAddress("https://evil.test/", agreed));
    expect(other.code).toBe("device-address-refused");
  });

  it.each([
    ["https://evil.test/device", "evil.test"],
    ["https://auth.example.test.evil.test/device", "auth.example.test.evil.test"],
    ["https://evil.test/auth.example.test", "evil.test"],
    ["https://evil.test#auth.example.test", "evil.test"],
    ["https://evil.test\\auth.example.test", "evil.test"],
    ["https://auth.example.test./device", "auth.example.test."],
    ["https://example.test/device", "example.test"],
    ["https://docs.example.test/device", "docs.example.test"],
    // Companions of Microsoft are nobody else's.
    ["https://microsoft.com/devicelogin", "microsoft.com"],
    ["https://xn--uth-6la.example.test/device", "xn--uth-6la.example.test"],
    ["https://[::1]/device", "::1"],
  ])("is refused as %s, with its host", async (address, host) => {
    const failure = await failureOf(() => requireVerificationAddress(address, hosts));
    expect(failure.code).toBe("device-address-refused");
    expect(failure.detail).toBe(`it is on ${host}`);
    expect(failure.action).toContain(`--verification-host ${host}.`);
  });

  it.each([
    "file:///bin/sh",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "smb://auth.example.test/share",
    "ms-settings:privacy",
    "http://auth.example.test/device",
    "https://alice@auth.example.test/device",
    "https://alice:secret@auth.example.test/device",
    "https://auth.example.test@evil.test/device",
    "https://auth.example.test/device\u001b[2J",
    "https://auth.example.test/dev ice",
    "https://auth.example.test/dévice",
    "https://auth.example.test/\u202eecived",
    " https://auth.example.test/device",
    "https://auth.example.test/device\n",
    "https:",
    "/device",
    "",
    `https://auth.example.test/${"x".repeat(2048)}`,
    // Within the limit, but not once it is escaped as it will be opened.
    `https://auth.example.test/${'"'.repeat(1000)}`,
  ])("is refused as %j", async (address) => {
    const failure = await failureOf(() =>
      requireVerificationAddress(address, { ...hosts, agreed: ["evil.test"] }),
    );
    expect(failure.code).toBe("device-address-refused");
    expect(failure.detail).toBe("it is not a plain https address");
  });
});

describe("the address with the code in it", () => {
  const address = "https://auth.example.test/device";

  it("is given on where it leads to the same host", () => {
    expect(completeAddress(`${address}?user_code=A`, address)).toBe(`${address}?user_code=A`);
  });

  it.each([
    undefined,
    "https://evil.test/device?user_code=A",
    "https://login.example.test/device?user_code=A",
    "https://auth.example.test:8443/device?user_code=A",
    "http://auth.example.test/device?user_code=A",
    "https://alice@auth.example.test/device?user_code=A",
    "javascript:alert(1)",
    `${address}?user_code=${"A".repeat(2048)}`,
  ])("is left out as %j", (complete) => {
    expect(completeAddress(complete, address)).toBeUndefined();
  });
});
