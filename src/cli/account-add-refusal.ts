// Mailboxes that cannot be opened in the way that is wanted, and what to do instead.
import type { Discovery } from "../control/contract.ts";
import { PosternError } from "../errors/postern-error.ts";
import type { GivenSettings } from "./account-add-options.ts";
import { mayTakePassword } from "./account-add-provider.ts";
import { kindOf } from "./account-add-settings.ts";
import { EXIT } from "./exit-code.ts";
import { note, type OutputOptions, print } from "./output.ts";

export interface NoWay {
  readonly reason: string;
  readonly action: string;
}

/** Undefined where there may be a way. */
export function noWay(given: GivenSettings, discovery: Discovery | undefined): NoWay | undefined {
  if (discovery === undefined) return undefined;
  const { providerName, instead, appPassword } = discovery;
  if (instead !== undefined) {
    return {
      reason: `${providerName} is not for Postern: ${instead.text}`,
      action: `${instead.name}: ${instead.page}`,
    };
  }
  const name = providerName ?? "The provider";
  if (kindOf(discovery, given) === "password") {
    if (mayTakePassword(discovery)) return undefined;
    const note = appPassword?.note === undefined ? "" : ` ${appPassword.note}`;
    return {
      reason: `${name} opens mailboxes with OAuth only.${note}`,
      action: "Do it without --password.",
    };
  }
  const takesPasswordsOnly = discovery.provider !== undefined && discovery.kind === "password";
  return takesPasswordsOnly
    ? {
        reason: `${name} offers no sign-in with OAuth to mail programs.`,
        action: "Do it with --password, and without what belongs to OAuth.",
      }
    : undefined;
}

/** @returns the exit code */
export function explainNoWay(
  options: OutputOptions,
  { reason, action }: NoWay,
  discovery: Discovery | undefined,
): number {
  const { code, temporary, sentence } = new PosternError("discovery-incomplete");
  if (options.json) {
    print(options, { error: { code, temporary, sentence, detail: reason, action }, discovery }, "");
  } else {
    note(`postern: ${reason}`);
    note(action);
    for (const quirk of discovery?.quirks ?? []) note(quirk);
  }
  return EXIT.configuration;
}
