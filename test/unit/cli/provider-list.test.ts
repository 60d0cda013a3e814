// `postern provider list` and `show`, which need no daemon.
import { describe, expect, test } from "vitest";
import { type ListedProvider, providerList } from "../../../src/cli/provider-list.ts";
import { formatProvider, providerShow } from "../../../src/cli/provider-show.ts";
import { presetNamed } from "../../../src/cli/provider-word.ts";
import { unverifiedPaths } from "../../../src/provider/fact.ts";
import { microsoftDod } from "../../../src/provider/presets/microsoft-us-government.ts";
import { presets } from "../../../src/provider/table.ts";
import { captureOutput } from "../../support/captured-output.ts";
import { failureOf } from "../../support/failure-of.ts";

async function run(command: ReturnType<typeof providerList>, ...words: string[]) {
  const output = captureOutput();
  await command.parseAsync(words, { from: "user" });
  return { stdout: output.stdout(), stderr: output.stderr(), exitCode: process.exitCode };
}

describe("the list", () => {
  test("has every provider, each in one line with its id first", async () => {
    const { stdout } = await run(providerList());
    const [head, ...lines] = stdout.trimEnd().split("\n");
    expect(head).toMatch(/^ID\s+NAME\s+SIGN-IN\s+CLIENT ID\s+VERIFIED$/);
    expect(lines.map((line) => line.split(" ")[0])).toEqual(presets.map(({ id }) => id));
  });

  test("says in JSON who wants a client id, and how much of it is verified", async () => {
    const { stdout } = await run(providerList(), "--json");
    const { providers } = JSON.parse(stdout) as { providers: ListedProvider[] };
    const byId = new Map(providers.map((provider) => [provider.id, provider]));
    expect(byId.get("google")).toMatchObject({ kind: "oauth", clientId: "self-service" });
    expect(byId.get("fastmail")).toMatchObject({ clientId: "by-request" });
    expect(byId.get("icloud")).toMatchObject({ kind: "password", clientId: "none" });
    expect(byId.get("stalwart")).toMatchObject({ kind: "self-hosted", clientId: "not-needed" });
    for (const { values, verified } of providers) {
      expect(verified).toBeGreaterThanOrEqual(0);
      expect(verified).toBeLessThanOrEqual(values);
    }
    // Much of it is guessed from another cloud, and the list must not hide that.
    const dod = byId.get("microsoft-dod");
    expect(dod?.verified).toBeLessThan(dod?.values ?? 0);
  });
});

describe("a provider is named", () => {
  test.each([
    ["google", "google"],
    ["GOOGLE", "google"],
    ["gmail.com", "google"],
    ["Alice@GMail.com", "google"],
    ["yahoo.co.uk", "yahoo"],
  ])("by %s: %s", (word, id) => {
    expect(presetNamed(word).id).toBe(id);
  });

  test.each([
    ["micro", /perhaps microsoft-365, /],
    ["zzz", /"zzz"\. All of them/],
  ])("wrongly by %s: what it may have been is said", async (word, detail) => {
    const failure = await failureOf(() => presetNamed(word));
    expect([failure.code, failure.detail]).toEqual(["request-invalid", expect.stringMatching(detail)]);
  });
});

describe("what is shown of a provider", () => {
  test("has all that a person needs to set it up", async () => {
    const { stdout, exitCode } = await run(providerShow(), "alice@gmail.com");
    for (const needed of [
      "Gmail and Google Workspace (google)",
      "imap.gmail.com:993 (TLS); takes OAuth or an app password",
      "Redirect URI: http://127.0.0.1/callback (any port will do)",
      "Scopes: https://mail.google.com/ openid email",
      "Client secret: required",
      "https://myaccount.google.com/apppasswords",
      "IMAP connections at once: 15",
      "postern provider register google",
      "Short way: For a private mailbox an app password is quicker",
    ]) {
      expect(stdout).toContain(needed);
    }
    expect(exitCode).toBe(0);
  });

  test("marks what nobody has verified with where it comes from, on its own line", () => {
    const lines = formatProvider(microsoftDod).split("\n");
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^ {2}SMTP: outlook-dod\.office365\.us:587 .*\[not verified: only the IMAP host is known\]$/,
      ),
    );
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}IMAP: outlook-dod\.office365\.us:993 [^[]*$/));
    expect(lines).toContain("  The SMTP host of DoD mailboxes.");
  });

  test.each(presets.map((preset) => [preset.id, preset] as const))(
    "of %s hides no doubt about servers, sign-in, limits or quirks",
    (_id, preset) => {
      const text = formatProvider(preset);
      const shown = unverifiedPaths(preset).filter((path) =>
        /^(?:mail\.(?:imap|pop3|smtp)$|oauth\.endpoints|limits|quirks|appPassword$)/.test(path),
      );
      for (const path of shown) expect(text).toContain(preset.facts[path]?.source ?? "no source");
      expect(text).not.toMatch(/undefined|\[object|null/);
    },
  );

  test("is in JSON the preset itself, with every unverified value and its source", async () => {
    const { stdout } = await run(providerShow(), "microsoft-dod", "--json");
    const { provider, unverified } = JSON.parse(stdout);
    expect(provider.mail.imap.host).toBe("outlook-dod.office365.us");
    expect(unverified).toContainEqual({
      path: "mail.smtp.host",
      value: "outlook-dod.office365.us",
      source: "only the IMAP host is known",
    });
  });

  test("of a provider that is not there ends with 2", async () => {
    const { stderr, exitCode } = await run(providerShow(), "nobody");
    expect(stderr).toContain('there is no provider "nobody"');
    expect(exitCode).toBe(2);
  });
});
