// `postern admin register microsoft`, as an administrator runs it.
import { describe, expect, test } from "vitest";
import { adminRegister, createParts } from "../../../src/cli/admin-register.ts";
import { captureOutput } from "../../support/captured-output.ts";
import { failureOf } from "../../support/failure-of.ts";

const CLIENT_ID = "11112222-3333-4444-5555-666677778888";

async function run(...words: string[]) {
  const output = captureOutput();
  await adminRegister().parseAsync(["microsoft", ...words], { from: "user" });
  return { stdout: output.stdout(), stderr: output.stderr(), exitCode: process.exitCode };
}

test("prints both scripts, the consent address, Exchange's lines and the policy file, and what nobody has tried", async () => {
  const { stdout, exitCode } = await run("--tenant", "contoso.com");
  for (const part of [
    "#!/usr/bin/env bash",
    "Connect-MgGraph -TenantId $tenant",
    "https://login.microsoftonline.com/contoso.com/v2.0/adminconsent?client_id=CLIENT-ID",
    "Set-CASMailbox -Identity 'MAILBOX' -SmtpClientAuthenticationDisabled $false",
    '"clientId": "CLIENT-ID"',
    "never run against a tenant",
  ]) {
    expect(stdout).toContain(part);
  }
  expect(exitCode).toBe(0);
});

test("one part by itself can be sent to a file as it is", async () => {
  const { stdout } = await run("--tenant", "contoso.com", "--only", "az");
  expect(stdout).toMatch(/^#!\/usr\/bin\/env bash\n/);
  expect(stdout).not.toContain("────");
});

test("with the client id that came back, the policy file is finished", async () => {
  const words = [
    "--tenant",
    "Contoso.com",
    "--client-id",
    CLIENT_ID,
    "--domain",
    "Contoso.com",
    "bücher.example",
  ];
  const { stdout } = await run(...words, "--only", "policy");
  expect(JSON.parse(stdout)).toEqual({
    version: 1,
    providers: { "microsoft-365": { clientId: CLIENT_ID, tenant: "contoso.com" } },
    allowedDomains: ["contoso.com", "xn--bcher-kva.example"],
  });
});

test("registers every address that Postern sends: Entra ignores localhost's port, and not its path", async () => {
  const { stdout } = await run("--tenant", "contoso.com", "--json");
  const parts = JSON.parse(stdout);
  expect(parts.az).toContain("--public-client-redirect-uris 'http://localhost' 'http://localhost/callback'");
  expect(new URL(parts.consent).searchParams.get("redirect_uri")).toBe("http://localhost/callback");
  expect(new URL(parts.consent).searchParams.get("scope")?.split(" ")).toEqual(
    expect.arrayContaining([
      "https://outlook.office.com/IMAP.AccessAsUser.All",
      "https://outlook.office.com/POP.AccessAsUser.All",
      "https://outlook.office.com/SMTP.Send",
      "offline_access",
    ]),
  );
});

describe("what is refused before anything is printed", () => {
  test.each([
    [{ tenant: "contoso.com; rm -rf ~" }],
    [{ tenant: "a/../b" }],
    [{ tenant: "$(id)" }],
    [{ tenant: "" }],
    [{ name: "" }],
    [{ name: "two\nlines" }],
    [{ name: "@/etc/passwd" }],
    [{ name: "-h" }],
    [{ name: "x".repeat(121) }],
    [{ clientId: "not-a-guid" }],
    [{ clientId: `${CLIENT_ID}\n` }],
    [{ domain: ["contoso.com/x"] }],
  ])("%j", async (changes) => {
    const failure = await failureOf(() =>
      createParts({ tenant: "contoso.com", name: "Postern", ...changes }),
    );
    expect(failure.code).toBe("request-invalid");
  });
});
