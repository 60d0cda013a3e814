import { join } from "node:path";
import { expect, test } from "vitest";
import { describeProvider } from "../../../src/cli/provider-description.ts";
import { describeListed, listedProvider } from "../../../src/cli/provider-list.ts";
import { presets } from "../../../src/provider/table.ts";

/** docs/providers.md is made here: `npm test -- -u` writes it anew when a preset has changed. */
const HEAD = `# Providers

Made from the presets (src/provider/presets) by the tests. "Verified" means that the value was read in the provider's own pages
or in a program that uses it, and not that Postern has been tried there; what was not read anywhere says so, with where it comes
from. The column counts the values that say how to sign in and where the servers are. \`postern provider show ID\` prints
the same and the provider's error messages, and \`postern provider check ID\` asks the provider's live servers and compares.

Postern ships no client id of anybody. Where one is wanted, \`postern provider register ID\` leads to one step by step.

| id | name | sign-in | client id | verified |
|---|---|---|---|---|
`;

test("the document of all providers is the presets'", async () => {
  const rows = presets.map((preset) => {
    const [id = "", ...cells] = describeListed(listedProvider(preset)).map(cell);
    return `| [\`${id}\`](#${id}) | ${cells.join(" | ")} |`;
  });
  const sections = presets.map((preset) => {
    const shown = describeProvider(preset).filter(({ title }) => title !== "When it refuses");
    const parts = shown.map(({ title, lines }) => {
      const items = lines.map(({ label, text, doubts }) => {
        const doubt = doubts.length === 0 ? "" : ` *(not verified: ${asText(doubts.join("; "))})*`;
        return `- ${label === undefined ? "" : `${label}: `}${asText(text)}${doubt}`;
      });
      return `**${title}**\n\n${items.join("\n")}\n`;
    });
    return `## ${preset.id}\n\n${preset.name}\n\n${parts.join("\n")}`;
  });
  await expect(`${HEAD}${rows.join("\n")}\n\n${sections.join("\n")}`).toMatchFileSnapshot(
    join(import.meta.dirname, "../../../docs/providers.md"),
  );
});

function asText(text: string): string {
  return text
    .replaceAll("<", "&lt;")
    .replaceAll("*", "\\*")
    .replace(/(^|\s)_|_(?=\s|$)/g, "$1\\_");
}

function cell(text: string): string {
  return asText(text).replaceAll("|", "\\|");
}
