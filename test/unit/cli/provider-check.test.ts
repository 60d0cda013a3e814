import { describe, expect, test } from "vitest";
import { check, exitCodeFor, formatReport } from "../../../src/cli/provider-check.ts";
import type { ProviderDaemon } from "../../../src/cli/provider-daemon.ts";
import type { ProviderRequest, ProviderResponse } from "../../../src/control/provider-contract.ts";
import { captureOutput } from "../../support/captured-output.ts";

type Report = ProviderResponse<"provider.check">;
const NOTHING: Report = { differences: [], agreements: [], learned: [], notAsked: [] };
const DIFFERS = {
  verdict: "differs",
  path: "oauth.endpoints.token",
  sentence: "Its token_endpoint is another.",
  preset: "https://old.example/token",
  live: "https://new.example/token",
} as const;
const AGREES = { verdict: "agrees", path: "mail.imap", sentence: "imap.example is an IMAP server." } as const;
const SILENT = { verdict: "not-asked", path: "mail.smtp", sentence: "smtp.example is silent." } as const;
const LEARNED = { verdict: "learned", path: "oauth.pkce", sentence: "It takes PKCE." } as const;

function daemonWith(report: Report) {
  const asked: unknown[] = [];
  const ask = async (method: string, request: unknown) => {
    asked.push([method, request]);
    return report;
  };
  return { daemon: { ask } as unknown as Pick<ProviderDaemon, "ask">, asked };
}

describe("what a check ends with", () => {
  test.each<[string, Partial<Report>, number]>([
    ["differences", { differences: [DIFFERS], agreements: [AGREES] }, 6],
    ["agreement", { agreements: [AGREES] }, 0],
    ["agreement, as far as it could be asked", { agreements: [AGREES], notAsked: [SILENT] }, 0],
    ["news only", { learned: [LEARNED] }, 0],
    ["nobody who answers", { notAsked: [SILENT] }, 75],
    ["nobody to ask", { notAsked: [{ ...SILENT, path: "mail" }] }, 0],
  ])("%s", (_what, report, code) => {
    expect(exitCodeFor({ ...NOTHING, ...report })).toBe(code);
  });
});

test("differences come first, with both sides", () => {
  const report = { differences: [DIFFERS], agreements: [AGREES], learned: [LEARNED], notAsked: [SILENT] };
  expect(formatReport(report)).toBe(
    [
      "Different from what Postern knows:",
      "■ Its token_endpoint is another.",
      "    Postern: https://old.example/token",
      "    there:   https://new.example/token",
      "",
      "New:",
      "▲ It takes PKCE.",
      "",
      "As Postern knows it:",
      "● imap.example is an IMAP server.",
      "",
      "Not to be found out:",
      "○ smtp.example is silent.",
    ].join("\n"),
  );
});

test("a provider may be named by an address, and the tenant goes along", async () => {
  const output = captureOutput();
  const { daemon, asked } = daemonWith({ ...NOTHING, differences: [DIFFERS] });
  const request: ProviderRequest<"provider.check"> = { provider: "microsoft-365", tenant: "contoso.com" };
  const code = await check("bob@contoso.onmicrosoft.com", { json: true, tenant: "contoso.com" }, daemon);
  expect(asked).toEqual([["provider.check", request]]);
  expect(code).toBe(6);
  expect(JSON.parse(output.stdout())).toEqual({
    provider: "microsoft-365",
    ...NOTHING,
    differences: [DIFFERS],
  });
  expect(output.stderr()).toBe("");
});
