// How far somebody has come on the way to a client id. Pure: facts to the next step. Invariant: a step that was done stays
// done, whatever the preset calls its others by now; a client id is usable only with the secret that it needs.
import type { Guide, GuideStep, Input } from "./guide.ts";

/** What is remembered between two runs. The client secret itself is in the keychain. */
export interface Progress {
  /** Ids of steps, in the order in which they were done. */
  readonly done: readonly string[];
  readonly clientId?: string | undefined;
  readonly hasClientSecret: boolean;
  readonly tenant?: string | undefined;
  /** Of an authorization server that is somebody's own. */
  readonly issuer?: string | undefined;
}

export const NOTHING_DONE: Progress = { done: [], hasClientSecret: false };

/** Undefined where nothing is left to do. */
export function nextStep(guide: Guide, progress: Progress): GuideStep | undefined {
  return guide.steps.find(({ id }) => !progress.done.includes(id));
}

/** What must still come back before a step can be done. An optional one is asked for once, with its step. */
export function missingInputs(step: GuideStep, progress: Progress): GuideStep["inputs"] {
  return step.inputs.filter(({ input }) => !isGiven(input, progress));
}

export function isGiven(input: Input, progress: Progress): boolean {
  switch (input) {
    case "client-id":
      return progress.clientId !== undefined;
    case "client-secret":
      return progress.hasClientSecret;
    case "tenant":
      return progress.tenant !== undefined;
    case "issuer":
      return progress.issuer !== undefined;
  }
}

/** Whether a mailbox can be signed in to with what has come back. */
export function isUsable(guide: Pick<Guide, "clientSecret">, progress: Progress): boolean {
  return progress.clientId !== undefined && (guide.clientSecret !== "required" || progress.hasClientSecret);
}

/** Whether a text that a person copied looks like the provider's client ids. */
export function hasClientIdShape(step: GuideStep, clientId: string): boolean {
  return step.check?.kind !== "client-id-shape" || new RegExp(step.check.pattern).test(clientId);
}
