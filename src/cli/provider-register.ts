// `postern provider register`: the way to a client id, step by step. It remembers where somebody stopped, and goes on there.
import { Command } from "commander";
import type { ProviderRequest } from "../control/provider-contract.ts";
import type { ProviderPreset } from "../provider/preset.ts";
import { isTenant } from "../provider/tenant.ts";
import { createGuide, type Guide, isRegistrable, type RegistrablePreset } from "../registration/guide.ts";
import { hasClientIdShape, isUsable, nextStep } from "../registration/progress.ts";
import { readSecret } from "./account-add-options.ts";
import { isInteractive } from "./ask.ts";
import { EXIT } from "./exit-code.ts";
import { note, type OutputOptions, print, run, wrongUsage } from "./output.ts";
import { type ProviderDaemon, providerDaemon } from "./provider-daemon.ts";
import { presetNamed } from "./provider-word.ts";
import { personAtTerminal } from "./registration-person.ts";
import { commandFor, formatEnd, formatIntroduction, formatSignIn } from "./registration-text.ts";
import { type Outcome, type Person, type Walk, type WalkEnd, walkOn } from "./registration-walk.ts";

export interface RegisterOptions extends OutputOptions {
  readonly tenant?: string;
  readonly issuer?: string;
  readonly clientId?: string;
  readonly clientSecretFile?: string;
  readonly done?: readonly string[];
  readonly restart?: boolean;
}

export function providerRegister(): Command {
  return new Command("register")
    .description("Leads you to a client id of your own, step by step, and goes on where you stopped.")
    .argument("<provider>", "its id (see postern provider list), or a mail domain or address there")
    .option("--tenant <tenant>", "your organisation's tenant, where the provider has tenants (Microsoft)")
    .option("--issuer <url>", "your sign-in server, where the provider is your own")
    .option("--client-id <id>", "what the provider gave you")
    .option("--client-secret-file <file>", "a file with the secret that belongs to it, if there is one")
    .option("--done <step...>", "steps that are done, by their ids")
    .option("--restart", "forget what is known, and begin again")
    .option("--json", "print the guide, and how far you are, as JSON")
    .addHelpText(
      "after",
      `
At a terminal it asks; elsewhere it shows the next step and the command that goes on from it.
It exits with 0 when nothing is left to do, with 6 when you have something to do, with 1 when a check failed, and with
75 when the provider could not be asked.

Examples:
  postern provider register google
  postern provider register microsoft-365 --tenant contoso.com
  postern provider register google --done project gmail-api
  postern provider register google --client-id 1234-abcd.apps.googleusercontent.com --client-secret-file secret.txt`,
    )
    .action((word: string, options: RegisterOptions) =>
      run(options, async () => {
        const person = options.json || !isInteractive() ? undefined : personAtTerminal();
        return register(presetNamed(word), options, { connect: providerDaemon, person });
      }),
    );
}

export interface RegisterParts {
  connect(): Promise<ProviderDaemon>;
  readonly person: Person | undefined;
}

/** @returns the exit code */
export async function register(
  preset: ProviderPreset,
  options: RegisterOptions,
  parts: RegisterParts,
): Promise<number> {
  if (!isRegistrable(preset) || preset.registration.steps.length === 0) {
    return explainWhyNot(preset, options);
  }
  const secret =
    options.clientSecretFile === undefined ? undefined : await readSecret(options.clientSecretFile);
  const daemon = await parts.connect();
  const { registration, notice } = await daemon.ask("registration.show", { provider: preset.id });
  if (notice !== undefined) note(notice);

  const told: Outcome[] = [];
  const tell = (text: string): void => {
    if (!options.json) process.stdout.write(`${text}\n`);
  };
  const change = changeBy(options, secret, createGuide(preset, {}));
  const begun =
    change === undefined
      ? registration
      : (await daemon.ask("registration.save", { provider: preset.id, ...change })).registration;
  const walk: Walk = {
    daemon: remembering(daemon, told),
    person: parts.person,
    guide: (progress) => createGuide(preset, progress),
    tell,
  };
  if (begun.done.length === 0) tell(`${formatIntroduction(walk.guide(begun))}\n`);
  const end = await walkOn(walk, begun);
  return report(preset, options, end, told);
}

/** What the person said on the command line. @throws PosternError `request-invalid` */
function changeBy(
  options: RegisterOptions,
  clientSecret: string | undefined,
  guide: Guide,
): Omit<ProviderRequest<"registration.save">, "provider"> | undefined {
  const { tenant, issuer, clientId, done = [], restart } = options;
  if (tenant !== undefined && !isTenant(tenant)) throw wrongUsage(`--tenant ${tenant} is no tenant`);
  for (const id of done) {
    if (!guide.steps.some((step) => step.id === id)) {
      throw wrongUsage(`--done ${id}: the steps are ${guide.steps.map((step) => step.id).join(", ")}`);
    }
  }
  const shaped = guide.steps.find(({ check }) => check?.kind === "client-id-shape");
  if (clientId !== undefined && shaped !== undefined && !done.includes(shaped.id)) {
    if (!hasClientIdShape(shaped, clientId)) {
      throw wrongUsage(
        `--client-id does not look like one of ${guide.name}; if it is one, add --done ${shaped.id}`,
      );
    }
  }
  const change = {
    ...(restart === true ? { restart } : {}),
    ...(done.length === 0 ? {} : { done: [...done] }),
    ...(tenant === undefined ? {} : { tenant }),
    ...(issuer === undefined ? {} : { issuer }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(clientSecret === undefined ? {} : { clientSecret }),
  };
  return Object.keys(change).length === 0 ? undefined : change;
}

/** The same daemon, with what the checks said kept for JSON. */
function remembering(daemon: ProviderDaemon, told: Outcome[]): ProviderDaemon {
  return {
    accounts: () => daemon.accounts(),
    async ask(method, request) {
      const answer = await daemon.ask(method, request);
      if (method === "registration.check") told.push(answer as unknown as Outcome);
      return answer;
    },
  };
}

function report(
  preset: RegistrablePreset,
  options: RegisterOptions,
  end: WalkEnd,
  checks: readonly Outcome[],
): number {
  const guide = createGuide(preset, end.progress);
  if (options.json) print(options, toJson(guide, end, checks), "");
  switch (end.kind) {
    case "finished":
      if (!options.json) note(formatEnd(guide, isUsable(guide, end.progress)));
      return isUsable(guide, end.progress) ? EXIT.done : EXIT.attention;
    case "failed":
    case "waiting":
      if (!options.json) note(howToGoOn(guide, end));
      if (end.kind === "waiting") return EXIT.attention;
      return end.outcome.result === "unclear" ? EXIT.temporary : EXIT.failed;
  }
}

function howToGoOn(guide: Guide, end: Exclude<WalkEnd, { kind: "finished" }>): string {
  const { step, progress } = end;
  if (step.check?.kind === "signs-in") return formatSignIn(guide);
  const command = commandFor(guide, step, progress);
  if (end.kind === "waiting") return `Go on with: ${command}`;
  return `Look again with: ${command}\nIf you know that it is right: ${command} --done ${step.id}`;
}

function toJson(guide: Guide, { progress }: WalkEnd, checks: readonly Outcome[]): object {
  const next = nextStep(guide, progress);
  return {
    ...guide,
    steps: guide.steps.map((step) => ({
      ...step,
      state: progress.done.includes(step.id) ? "done" : step.id === next?.id ? "next" : "open",
    })),
    clientId: progress.clientId,
    hasClientSecret: progress.hasClientSecret,
    tenant: progress.tenant,
    issuer: progress.issuer,
    usable: isUsable(guide, progress),
    checks,
    ...(next === undefined ? {} : { next: { id: next.id, command: commandFor(guide, next, progress) } }),
  };
}

/** For providers where there is no client id to be had, or none to be wanted. */
function explainWhyNot(preset: ProviderPreset, options: OutputOptions): number {
  const { appPassword, registration } = preset;
  const text =
    registration?.text ??
    (appPassword.offered === "no"
      ? appPassword.note
      : `Mail programs sign in there with: ${appPassword.name}.${appPassword.page === undefined ? "" : ` ${appPassword.page}`}`);
  print(
    options,
    { provider: preset.id, name: preset.name, how: registration?.how ?? "none", text, steps: [] },
    `${preset.name} needs no client id. ${text}`,
  );
  return EXIT.done;
}
