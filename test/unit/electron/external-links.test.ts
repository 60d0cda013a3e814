// Which addresses open in the person's browser (threats.md G3): what the daemon named, over https, and nothing else.
import { describe, expect, test } from "vitest";
import { createExternalLinks } from "../../../electron/external-links.ts";
import { createAccountView } from "../../support/small-daemon.ts";

const ATTEMPT = { attemptId: "1", otherFlows: [] };
const AUTHORIZATION = "https://login.example.org/authorize?client_id=x&state=y";
const account = createAccountView({ issuer: "https://issuer.example.org/realm" });

function linksAfterSignIn() {
  const links = createExternalLinks();
  links.learn("sign-in.start", {
    flow: "loopback",
    ...ATTEMPT,
    authorizationUrl: AUTHORIZATION,
    redirectUri: "http://127.0.0.1:1/callback",
  });
  return links;
}

describe("an address opens", () => {
  test("when the daemon named it in a sign-in, exactly as it is", () => {
    const links = linksAfterSignIn();
    expect(links.check(AUTHORIZATION, [])).toBe(AUTHORIZATION);
    expect(links.check("https://login.example.org/elsewhere", [])).toBeUndefined();
  });

  test("on the authorize host of an account, and on no host that looks like it", () => {
    const { check } = createExternalLinks();
    expect(check("https://issuer.example.org/account/security", [account])).toBeDefined();
    for (const url of [
      "https://issuer.example.org.evil.test/",
      "https://evil.test/issuer.example.org",
      "https://issuer.example.org:8443/",
      "https://issuer.example.org@evil.test/",
    ]) {
      expect(check(url, [account])).toBeUndefined();
    }
  });
});

describe("an address is refused", () => {
  test.each([
    "http://issuer.example.org/",
    "file:///bin/sh",
    "javascript:alert(1)",
    "smb://issuer.example.org/share",
    "ms-msdt:/id",
    "https://user:secret@issuer.example.org/",
    `https://issuer.example.org/${"x".repeat(2100)}`,
    `https://issuer.example.org/?${"x".repeat(9000)}`,
    "not an address",
    "",
  ])("%.60s", (url) => {
    expect(linksAfterSignIn().check(url, [account])).toBeUndefined();
  });

  test("even when a device flow's answer names it", () => {
    const links = createExternalLinks();
    for (const verificationUri of ["file:///bin/sh", "http://login.example.org/device"]) {
      links.learn("sign-in.start", {
        flow: "device",
        ...ATTEMPT,
        userCode: "A",
        verificationUri,
        expiresAt: 1,
      });
      expect(links.check(verificationUri, [])).toBeUndefined();
    }
  });

  test("when it only stands in what a stranger's server announced, or in an answer of another shape", () => {
    const links = createExternalLinks();
    links.learn("status", { page: "https://evil.test/" });
    links.learn("sign-in.start", { authorizationUrl: "https://evil.test/" });
    links.learn("account.discover", { issuer: "https://evil.test/" });
    expect(links.check("https://evil.test/", [])).toBeUndefined();
  });
});
