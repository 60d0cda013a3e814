// `postern provider check`: what a provider's live servers say, beside what Postern's preset says of them.
import { Command } from "commander";
import type { ProviderResponse } from "../control/provider-contract.ts";
import { EXIT } from "./exit-code.ts";
import { note, type OutputOptions, print, run } from "./output.ts";
import { type ProviderDaemon, providerDaemon } from "./provider-daemon.ts";
import { presetNamed } from "./provider-word.ts";

interface CheckOptions extends OutputOptions {
  readonly tenant?: string;
}

type Report = ProviderResponse<"provider.check">;
type Finding = Report["differences"][number];

export function providerCheck(): Command {
  return new Command("check")
    .description("Asks a provider's servers what they support, and compares it with what Postern knows.")
    .argument("<provider>", "its id (see postern provider list), or a mail domain or address there")
    .option("--tenant <tenant>", "your organisation's tenant, where the provider has tenants (Microsoft)")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `
Nobody signs in. It exits with 6 when something differs, and with 75 when nothing could be asked.

Examples:
  postern provider check fastmail
  postern provider check microsoft-365 --tenant contoso.com --json`,
    )
    .action((word: string, options: CheckOptions) =>
      run(options, async () => check(word, options, await providerDaemon())),
    );
}

/** @returns the exit code */
export async function check(
  word: string,
  options: CheckOptions,
  daemon: Pick<ProviderDaemon, "ask">,
): Promise<number> {
  const { id, name } = presetNamed(word);
  const { tenant } = options;
  if (!options.json) note(`Asking the servers of ${name}; this takes up to half a minute.`);
  const report = await daemon.ask("provider.check", {
    provider: id,
    ...(tenant === undefined ? {} : { tenant }),
  });
  print(options, { provider: id, ...report }, formatReport(report));
  return exitCodeFor(report);
}

export function exitCodeFor({ differences, agreements, learned, notAsked }: Report): number {
  if (differences.length > 0) return EXIT.attention;
  const isHeard = agreements.length + learned.length > 0;
  // Servers of one's own are nothing that could be asked later.
  const isSilent = notAsked.some(({ path }) => path !== "mail");
  return !isHeard && isSilent ? EXIT.temporary : EXIT.done;
}

export function formatReport({ differences, agreements, learned, notAsked }: Report): string {
  const groups: readonly (readonly [string, string, readonly Finding[]])[] = [
    ["Different from what Postern knows:", "■", differences],
    ["New:", "▲", learned],
    ["As Postern knows it:", "●", agreements],
    ["Not to be found out:", "○", notAsked],
  ];
  const texts = groups
    .filter(([, , findings]) => findings.length > 0)
    .map(([title, shape, findings]) =>
      [title, ...findings.flatMap((finding) => formatFinding(shape, finding))].join("\n"),
    );
  return texts.join("\n\n");
}

function formatFinding(shape: string, { sentence, preset, live }: Finding): string[] {
  return [
    `${shape} ${sentence}`,
    ...(preset === undefined ? [] : [`    Postern: ${preset}`]),
    ...(live === undefined ? [] : [`    there:   ${live}`]),
  ];
}
