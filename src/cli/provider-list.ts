// `postern provider list`: every provider that Postern knows, without a daemon.
import { Command } from "commander";
import { explainValues } from "../provider/fact.ts";
import type { ProviderPreset } from "../provider/preset.ts";
import { presets } from "../provider/table.ts";
import { type OutputOptions, print, run } from "./output.ts";

export interface ListedProvider {
  readonly id: string;
  readonly name: string;
  readonly kind: ProviderPreset["kind"];
  /** How somebody gets a client id; "none" where passwords are used. */
  readonly clientId: "self-service" | "by-request" | "own-server" | "not-needed" | "none";
  /** How many values say how to sign in and where the servers are, and how many of them somebody has verified. */
  readonly values: number;
  readonly verified: number;
}

export function providerList(): Command {
  return new Command("list")
    .description("Lists the providers that Postern knows, and what each of them takes.")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  postern provider list")
    .action((options: OutputOptions) =>
      run(options, async () => {
        const providers = presets.map(listedProvider);
        print(options, { providers }, formatProviders(providers));
        return undefined;
      }),
    );
}

export function listedProvider(preset: ProviderPreset): ListedProvider {
  const values = explainValues(preset).filter(({ path }) => /^(?:oauth|mail)\./.test(path));
  return {
    id: preset.id,
    name: preset.name,
    kind: preset.kind,
    clientId: preset.kind === "password" ? "none" : (preset.registration?.how ?? "not-needed"),
    values: values.length,
    verified: values.filter(({ fact }) => fact?.verified === true).length,
  };
}

const KINDS = { oauth: "OAuth", password: "password", "self-hosted": "own server" } as const;
const CLIENT_IDS = {
  "self-service": "you register one",
  "by-request": "on request",
  "own-server": "whoever runs it",
  "not-needed": "not needed",
  none: "-",
} as const;

export function describeListed({ id, name, kind, clientId, values, verified }: ListedProvider): string[] {
  const share = values === 0 ? "-" : values === verified ? "all" : `${verified} of ${values}`;
  return [id, name, KINDS[kind], CLIENT_IDS[clientId], share];
}

function formatProviders(providers: readonly ListedProvider[]): string {
  const rows = [["ID", "NAME", "SIGN-IN", "CLIENT ID", "VERIFIED"], ...providers.map(describeListed)];
  const widths = rows[0]?.map((_head, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
