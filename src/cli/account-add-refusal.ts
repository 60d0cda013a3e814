// Mailboxes that cannot be opened in the way that is wanted, and what to do instead.
import type { Discovery } from "../control/contract.ts";
import { assertNever } from "../errors/assert-never.ts";
import { PosternError } from "../errors/postern-error.ts";
import type { NoWay } from "../new-account/no-way.ts";
import { EXIT } from "./exit-code.ts";
import { note, type OutputOptions, print } from "./output.ts";

/** Why there is no way, and what is one. */
function describeNoWay(
  way: NoWay,
  { providerName, appPassword }: Discovery,
): { reason: string; action: string } {
  const name = providerName ?? "The provider";
  switch (way.kind) {
    case "other-program":
      return {
        reason: `${providerName} is not for Postern: ${way.instead.text}`,
        action: `${way.instead.name}: ${way.instead.page}`,
      };
    case "no-password": {
      const note = appPassword?.note === undefined ? "" : ` ${appPassword.note}`;
      return {
        reason: `${name} opens mailboxes with OAuth only.${note}`,
        action: "Do it without --password.",
      };
    }
    case "password-only":
      return {
        reason: `${name} offers no sign-in with OAuth to mail programs.`,
        action: "Do it with --password, and without what belongs to OAuth.",
      };
    default:
      return assertNever(way);
  }
}

/** @returns the exit code */
export function explainNoWay(options: OutputOptions, way: NoWay, discovery: Discovery): number {
  const { reason, action } = describeNoWay(way, discovery);
  const { code, temporary, sentence } = new PosternError("discovery-incomplete");
  if (options.json) {
    print(options, { error: { code, temporary, sentence, detail: reason, action }, discovery }, "");
  } else {
    note(`postern: ${reason}`);
    note(action);
    for (const quirk of discovery.quirks) note(quirk);
  }
  return EXIT.configuration;
}
