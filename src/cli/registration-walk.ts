// The way to a client id, walked step by step: shows a step, takes what comes back from it, checks what can be checked from
// outside, and goes on. Where nobody can be asked it stops at the first step that needs somebody.
// Invariants: a step is done only when its check has passed or a person has said so; after each one the daemon has been told.

import type { ProviderRequest, ProviderResponse } from "../control/provider-contract.ts";
import { assertNever } from "../errors/assert-never.ts";
import { asksTheProvider, type Guide, type GuideStep, type Input } from "../registration/guide.ts";
import { hasClientIdShape, missingInputs, nextStep, type Progress } from "../registration/progress.ts";
import type { ProviderDaemon } from "./provider-daemon.ts";
import { formatStep, questionFor } from "./registration-text.ts";

export type Outcome = ProviderResponse<"registration.check">;
type Saved = ProviderRequest<"registration.save">;

/** Somebody at a terminal. Undefined is the end of input: they have gone. */
export interface Person {
  line(question: string): Promise<string | undefined>;
  /** Not echoed. */
  secret(question: string): Promise<string | undefined>;
}

export interface Walk {
  readonly daemon: ProviderDaemon;
  readonly person: Person | undefined;
  /** With what is known by now filled in. */
  guide(progress: Progress): Guide;
  tell(text: string): void;
}

export type WalkEnd =
  | { readonly kind: "finished"; readonly progress: Progress }
  /** The person must do something first. */
  | { readonly kind: "waiting"; readonly step: GuideStep; readonly progress: Progress }
  | {
      readonly kind: "failed";
      readonly step: GuideStep;
      readonly outcome: Outcome;
      readonly progress: Progress;
    };

/** What became of one try at a step. */
type Attempt =
  | { readonly kind: "done" }
  | { readonly kind: "again" }
  | { readonly kind: "waiting" }
  | { readonly kind: "failed"; readonly outcome: Outcome };

/** @throws PosternError as the daemon said */
export async function walkOn(walk: Walk, begun: Progress): Promise<WalkEnd> {
  let progress = begun;
  const save = async (change: Omit<Saved, "provider">): Promise<void> => {
    const { provider } = walk.guide(progress);
    progress = (await walk.daemon.ask("registration.save", { provider, ...change })).registration;
  };
  let shown: string | undefined;
  for (;;) {
    const guide = walk.guide(progress);
    const step = nextStep(guide, progress);
    if (step === undefined) return { kind: "finished", progress };
    if (shown !== step.id) walk.tell(formatStep(guide, step));
    shown = step.id;
    const attempt = await tryStep({ walk, guide, step, save, progress: () => progress });
    switch (attempt.kind) {
      case "done":
        await save({ done: [step.id] });
        break;
      case "again":
        break;
      case "waiting":
        return { kind: "waiting", step, progress };
      case "failed":
        return { kind: "failed", step, outcome: attempt.outcome, progress };
      default:
        assertNever(attempt);
    }
  }
}

interface StepOnTrial {
  readonly walk: Walk;
  readonly guide: Guide;
  readonly step: GuideStep;
  save(change: Omit<Saved, "provider">): Promise<void>;
  progress(): Progress;
}

async function tryStep(trial: StepOnTrial): Promise<Attempt> {
  const { walk, step } = trial;
  if (!(await takeInputs(trial))) return { kind: "waiting" };
  switch (step.check?.kind) {
    case undefined:
      return step.inputs.length === 0 ? askWhetherDone(walk) : { kind: "done" };
    case "client-id-shape":
    case "client-secret-given":
      return { kind: "done" };
    case "published":
      return askWhetherDone(walk);
    case "signs-in":
      return (await hasWorkingAccount(trial)) ? { kind: "done" } : { kind: "waiting" };
    case "tenant-exists":
    case "authorize-endpoint-accepts":
    case "token-endpoint-knows-client":
      return askTheProvider(trial, step.check.kind);
  }
}

async function askTheProvider(
  trial: StepOnTrial,
  check: ProviderRequest<"registration.check">["check"],
): Promise<Attempt> {
  const { walk, guide } = trial;
  const outcome = await walk.daemon.ask("registration.check", { provider: guide.provider, check });
  walk.tell(formatOutcome(outcome));
  if (outcome.result === "passed") return { kind: "done" };
  return walk.person === undefined ? { kind: "failed", outcome } : askHowToGoOn(trial, walk.person);
}

/** @returns false where something that must be given is not */
async function takeInputs(trial: StepOnTrial): Promise<boolean> {
  const { walk, guide, step } = trial;
  for (const wanted of missingInputs(step, trial.progress())) {
    if (walk.person === undefined) {
      if (!wanted.optional) return false;
      continue;
    }
    const given = await askFor(walk, guide, step, wanted);
    if (given === undefined) return false;
    if (given !== "") await trial.save(asChange(wanted.input, given));
  }
  return true;
}

/** What the person typed; "" where they may and do leave it out; undefined when they have gone. */
async function askFor(
  walk: Walk,
  guide: Guide,
  step: GuideStep,
  wanted: GuideStep["inputs"][number],
): Promise<string | undefined> {
  const { person } = walk;
  const question = questionFor(guide, wanted);
  for (;;) {
    const text =
      wanted.input === "client-secret" ? await person?.secret(question) : await person?.line(question);
    const typed = text?.trim();
    if (typed === undefined || (typed === "" && wanted.optional)) return typed;
    if (typed === "") continue;
    if (wanted.input !== "client-id" || hasClientIdShape(step, typed)) return typed;
    walk.tell(`This does not look like a client id of ${guide.name}.`);
    const answer = await person?.line("Use it all the same? [y/N] ");
    if (answer === undefined) return undefined;
    if (isYes(answer)) return typed;
  }
}

export function asChange(input: Input, value: string): Omit<Saved, "provider"> {
  switch (input) {
    case "client-id":
      return { clientId: value };
    case "client-secret":
      return { clientSecret: value };
    case "tenant":
      return { tenant: value };
    case "issuer":
      return { issuer: value };
  }
}

async function askWhetherDone({ person }: Walk): Promise<Attempt> {
  const answer = await person?.line("Press Enter when it is done, or type s to stop here: ");
  return answer === undefined || isStop(answer) ? { kind: "waiting" } : { kind: "done" };
}

async function askHowToGoOn({ step, save }: StepOnTrial, person: Person): Promise<Attempt> {
  const other = step.check !== undefined && asksTheProvider(step.check) ? ", i for another client id" : "";
  const answer = await person.line(`Press Enter to look again${other}, g to go on all the same, s to stop: `);
  if (answer === undefined || isStop(answer)) return { kind: "waiting" };
  if (/^g/i.test(answer.trim())) return { kind: "done" };
  if (/^i/i.test(answer.trim())) {
    const clientId = (await person.line("Client id: "))?.trim();
    if (clientId === undefined) return { kind: "waiting" };
    if (clientId !== "") await save({ clientId });
  }
  return { kind: "again" };
}

/** Seen from here: a mailbox with this client id that is signed in and works. */
async function hasWorkingAccount({ walk, progress }: StepOnTrial): Promise<boolean> {
  const { clientId } = progress();
  if (clientId === undefined) return false;
  const accounts = await walk.daemon.accounts();
  return accounts.some(
    (account) =>
      account.kind === "oauth" && account.clientId === clientId && account.status.kind === "working",
  );
}

export function formatOutcome({ result, sentence, action }: Outcome): string {
  const shape = { passed: "●", failed: "■", unclear: "▲" }[result];
  return [`${shape} ${sentence}`, ...(action === undefined ? [] : [`  ${action}`])].join("\n");
}

function isYes(answer: string): boolean {
  return /^y(?:es)?$/i.test(answer.trim());
}

function isStop(answer: string): boolean {
  return /^s(?:top)?$/i.test(answer.trim());
}
