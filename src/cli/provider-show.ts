// `postern provider show`: all that is known about one provider, and where what nobody has verified comes from. Without a
// daemon.
import { Command } from "commander";
import { explainValues } from "../provider/fact.ts";
import type { ProviderPreset } from "../provider/preset.ts";
import { type OutputOptions, print, run } from "./output.ts";
import { describeProvider } from "./provider-description.ts";
import { presetNamed } from "./provider-word.ts";

export function providerShow(): Command {
  return new Command("show")
    .description("Shows what Postern knows about a provider: servers, sign-in, limits, what to look out for.")
    .argument("<provider>", "its id (see postern provider list), or a mail domain or address there")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  postern provider show google\n  postern provider show alice@gmail.com",
    )
    .action((word: string, options: OutputOptions) =>
      run(options, async () => {
        const preset = presetNamed(word);
        print(options, toJson(preset), formatProvider(preset));
        return undefined;
      }),
    );
}

/** The preset as it is, with the values that nobody has verified beside it. */
function toJson(preset: ProviderPreset): object {
  const { facts: _sources, ...provider } = preset;
  const unverified = explainValues(preset)
    .filter(({ fact }) => fact?.verified !== true)
    .map(({ path, value, fact }) => ({ path, value, source: fact?.source }));
  return { provider, unverified };
}

export function formatProvider(preset: ProviderPreset): string {
  const sections = describeProvider(preset).map(({ title, lines }) => {
    const texts = lines.map(({ label, text, doubts }) => {
      const doubt = doubts.length === 0 ? "" : ` [not verified: ${doubts.join("; ")}]`;
      return `  ${label === undefined ? "" : `${label}: `}${text}${doubt}`;
    });
    return [title, ...texts].join("\n");
  });
  return [`${preset.name} (${preset.id})`, ...sections].join("\n\n");
}
