// A real Chromium without a screen, for pages that people see; each person has windows of their own in it.
// Invariant: it reaches nothing but this machine, and trusts the test authority beside the usual ones.
import { createHash, X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { TestAuthority } from "./authority.ts";
import { installPackages } from "./debian.ts";

export interface Chromium {
  /** A window that knows nothing of the others: no cookie, and so no sign-in, is theirs. */
  openWindow(): Promise<Page>;
  /** Closes all windows, too. */
  close(): Promise<void>;
}

/** Where Debian's package puts it; other systems' browsers are left alone. */
export const CHROMIUM_PROGRAM = "/usr/bin/chromium";
/** The first rule that fits a name holds; an exclusion before all others. */
const REACHABLE = ["MAP 127.0.0.1 127.0.0.1", "MAP * ~NOTFOUND", "EXCLUDE localhost"] as const;
/** Milliseconds that a page may take to show what a test waits for. */
const PATIENCE = 20_000;

/** A describe block that needs Chromium; where it cannot be had, one test tells that it was left out. */
export function describeWithChromium(name: string, block: () => void): void {
  const reason = existsSync(CHROMIUM_PROGRAM) ? undefined : install();
  if (reason === undefined) {
    describe(name, block);
    return;
  }
  describe(name, () => {
    test("is left out on this machine, and the reason is said", () => {
      process.stderr.write(`LEFT OUT: ${name}: no Chromium: ${reason}\n`);
      expect(reason).not.toBe("");
    });
  });
}

/**
 * Servers must send the authority's certificate with their own: Chromium knows it by its key alone.
 * @param names more that it can reach, as `--host-resolver-rules` has them: `MAP evil.test 127.0.0.1`
 */
export async function startChromium(
  authority: TestAuthority,
  names: readonly string[] = [],
): Promise<Chromium> {
  const browser: Browser = await chromium.launch({
    executablePath: CHROMIUM_PROGRAM,
    args: [
      `--ignore-certificate-errors-spki-list=${keyHashOf(authority)}`,
      ...["--disable-gpu", "--disable-quic", "--no-proxy-server"],
      // What it asks of its maker unbidden would only wait for a network.
      `--host-resolver-rules=${[...names, ...REACHABLE].join(", ")}`,
    ],
  });
  return {
    async openWindow() {
      // Not browser.newPage: that one can have no second tab beside it.
      const context = await browser.newContext({ locale: "en" });
      const page = await context.newPage();
      page.setDefaultTimeout(PATIENCE);
      return page;
    },
    close: () => browser.close(),
  };
}

/** By itself, and not with the mail servers: those are not left out where only Chromium is missing. Gives why it failed. */
function install(): string | undefined {
  const failure = installPackages(["chromium"], "the tests");
  return (
    failure ?? (existsSync(CHROMIUM_PROGRAM) ? undefined : `the package chromium has no ${CHROMIUM_PROGRAM}`)
  );
}

/** SHA-256 of the SubjectPublicKeyInfo, in Base64. */
function keyHashOf({ certificatePem }: TestAuthority): string {
  const key = new X509Certificate(certificatePem).publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(key).digest("base64");
}
