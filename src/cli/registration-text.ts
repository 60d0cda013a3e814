// A registration guide in words: each step with its values to copy, and how to go on. Pure. Invariant: a value to copy stands
// alone on its line.
import type { Guide, GuideStep, Input } from "../registration/guide.ts";
import { missingInputs, type Progress } from "../registration/progress.ts";
import { isConfirmed } from "../registration/shown-guide.ts";

export function formatStep(guide: Guide, step: GuideStep): string {
  const number = guide.steps.indexOf(step) + 1;
  return [
    `Step ${number} of ${guide.steps.length}: ${step.title}`,
    `  ${step.text}`,
    ...(step.url === undefined ? [] : [`  ${step.url}`]),
    ...step.copy.flatMap(({ label, value }) => [`  ${label}:`, `    ${value}`]),
  ].join("\n");
}

export function formatIntroduction({ name, text, shortWay }: Guide): string {
  return [`A client id for ${name}`, text, ...(shortWay === undefined ? [] : [shortWay])].join("\n");
}

const OPTIONS: Readonly<Record<Input, string>> = {
  "client-id": "--client-id ID",
  "client-secret": "--client-secret-file FILE",
  tenant: "--tenant TENANT",
  issuer: "--issuer URL",
};

/** The command that goes on from a step, for somebody who cannot be asked. */
export function commandFor(guide: Guide, step: GuideStep, progress: Progress): string {
  const base = `postern provider register ${guide.provider}`;
  const missing = missingInputs(step, progress).filter(({ optional }) => !optional);
  if (missing.length > 0) return [base, ...missing.map(({ input }) => OPTIONS[input])].join(" ");
  return isConfirmed(step) ? `${base} --done ${step.id}` : base;
}

/** How the last step is done: with a mailbox. */
export function formatSignIn({ provider }: Guide): string {
  return [
    "Now add a mailbox; the client id is taken from here:",
    "  postern account add EMAIL",
    "  postern login EMAIL",
    "  postern account test EMAIL",
    `When that works, this is the end: postern provider register ${provider}`,
  ].join("\n");
}

export function formatEnd(guide: Guide, usable: boolean): string {
  if (usable) {
    return `Done. Mailboxes at ${guide.name} use this client id by themselves: postern account add EMAIL`;
  }
  const way = guide.shortWay === undefined ? "" : `\n${guide.shortWay}`;
  return `That was the last step. It brings no client id that Postern could use.${way}`;
}

/** What is asked of the person, for each input. */
export function questionFor(guide: Guide, { input, optional }: GuideStep["inputs"][number]): string {
  switch (input) {
    case "client-id":
      return "Client id: ";
    case "client-secret":
      return optional ? "Client secret (Enter if there is none; not shown): " : "Client secret (not shown): ";
    case "tenant":
      return `Tenant (Enter for ${guide.defaultTenant ?? "none"}): `;
    case "issuer":
      return `Issuer of your sign-in server, such as ${guide.issuerExample ?? "https://login.example.org"}: `;
  }
}
