// What an administrator copies out of the document is what Postern understands.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { settingsSchema } from "../../../src/control/settings-shapes.ts";
import { machinePolicyPath } from "../../../src/installation/policy.ts";
import { parsePolicy } from "../../../src/policy/policy.ts";

const document = readFileSync(join(import.meta.dirname, "../../../docs/managed-workstations.md"), "utf8");

test("the document's example holds as it stands, and shows every setting that there is", () => {
  const example = /```json\n([\s\S]+?)```/.exec(document)?.[1] ?? "";
  const parsed = parsePolicy(example);
  expect(parsed).toMatchObject({ kind: "policy", unknown: [] });
  const settings = parsed.kind === "policy" ? parsed.policy.settings : undefined;
  expect(Object.keys(settings ?? {}).sort()).toEqual(Object.keys(settingsSchema.shape).sort());
});

test.each(["linux", "darwin", "win32"] as const)("the document names the path on %s", (platform) => {
  expect(document).toContain(`\`${machinePolicyPath(platform)}\``);
});
