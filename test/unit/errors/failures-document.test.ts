import { join } from "node:path";
import { expect, test } from "vitest";
import { catalogue, type ErrorCode, describe as entryOf } from "../../../src/errors/catalogue.ts";

/** docs/failures.md is made here: `npm test -- -u` writes it anew when the catalogue has changed. */
const HEAD = `# What Postern says when something fails

Made from the catalogue (src/errors) by the tests. "Passes" means: by itself, without anybody doing anything. Words in capitals are
filled in where it is said.

| code | passes | what happened | what to do |
|---|---|---|---|
`;

test("the document of all failures is the catalogue's", async () => {
  const rows = (Object.keys(catalogue) as ErrorCode[]).sort().map((code) => {
    const { temporary, sentence, action } = entryOf(code);
    return `| \`${code}\` | ${temporary ? "yes" : "no"} | ${cell(sentence)} | ${cell(action)} |`;
  });
  await expect(`${HEAD}${rows.join("\n")}\n`).toMatchFileSnapshot(
    join(import.meta.dirname, "../../../docs/failures.md"),
  );
});

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}
