// A provider's way to a client id as it is shown to a person: the preset's steps with their values filled in, and what each
// of them brings back. Pure. Invariant: a guide holds no client secret.
import { scopeFor } from "../provider/implied-settings.ts";
import type {
  OAuthPreset,
  ProviderPreset,
  RegistrationCheck,
  RegistrationGuide,
  RegistrationStep,
  SelfHostedPreset,
} from "../provider/preset.ts";

/** What a person brings back from a step. */
export type Input = "client-id" | "client-secret" | "tenant" | "issuer";

export interface GuideStep {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly url: string | undefined;
  /** To be pasted at the provider. */
  readonly copy: readonly { readonly label: string; readonly value: string }[];
  readonly check: RegistrationCheck | undefined;
  /** Asked for in this step, in this order. */
  readonly inputs: readonly { readonly input: Input; readonly optional: boolean }[];
}

export interface Guide {
  readonly provider: string;
  readonly name: string;
  readonly how: RegistrationGuide["how"];
  readonly text: string;
  readonly shortWay: string | undefined;
  readonly clientSecret: OAuthPreset["oauth"]["clientSecret"];
  /** Where it has tenants: what is used where nobody names one. */
  readonly defaultTenant: string | undefined;
  /** Where the sign-in server is somebody's own: what its address looks like. */
  readonly issuerExample: string | undefined;
  readonly steps: readonly GuideStep[];
}

/** What is known of a registration and stands in a guide's values. */
export interface GuideValues {
  readonly clientId?: string | undefined;
  readonly tenant?: string | undefined;
}

/** A provider that wants a client id, and says how somebody gets one. */
export type RegistrablePreset = (OAuthPreset | SelfHostedPreset) & {
  readonly registration: RegistrationGuide;
};

export function isRegistrable(preset: ProviderPreset): preset is RegistrablePreset {
  return preset.kind !== "password" && preset.registration !== undefined;
}

export function createGuide(preset: RegistrablePreset, values: GuideValues): Guide {
  const { registration, oauth } = preset;
  const words = wordsFor(preset, values);
  const asking = stepThatAsks(registration.steps);
  return {
    provider: preset.id,
    name: preset.name,
    how: registration.how,
    text: registration.text,
    shortWay: registration.shortWay,
    clientSecret: oauth.clientSecret,
    defaultTenant: preset.kind === "oauth" ? preset.oauth.tenant?.default : undefined,
    issuerExample: preset.kind === "self-hosted" ? preset.oauth.issuerExample : undefined,
    steps: registration.steps.map((step) => ({
      id: step.id,
      title: step.title,
      text: step.text,
      url: step.url,
      copy: (step.copy ?? []).map(({ label, value }) => ({ label, value: fill(value, words) })),
      check: step.check,
      inputs: inputsOf(preset, step, asking),
    })),
  };
}

/** The step in which the client id comes back: the one that says so, or the first check that needs one. */
function stepThatAsks(steps: readonly RegistrationStep[]): string | undefined {
  const named = steps.find(({ id, check }) => check?.kind === "client-id-shape" || id === "client-id");
  const checked = steps.find(({ check }) => check !== undefined && asksTheProvider(check));
  return (named ?? checked)?.id;
}

export function asksTheProvider({ kind }: RegistrationCheck): boolean {
  return kind === "authorize-endpoint-accepts" || kind === "token-endpoint-knows-client";
}

function inputsOf(
  { kind, oauth, registration }: RegistrablePreset,
  step: RegistrationStep,
  asking: string | undefined,
): GuideStep["inputs"] {
  const hasSecretStep = registration.steps.some(({ check }) => check?.kind === "client-secret-given");
  const isAsking = step.id === asking;
  return [
    ...(isAsking && kind === "self-hosted" ? [{ input: "issuer", optional: false } as const] : []),
    ...(isAsking ? [{ input: "client-id", optional: false } as const] : []),
    ...(step.check?.kind === "client-secret-given" ||
    (isAsking && oauth.clientSecret !== "none" && !hasSecretStep)
      ? [{ input: "client-secret", optional: oauth.clientSecret === "optional" } as const]
      : []),
    ...(step.check?.kind === "tenant-exists" ? [{ input: "tenant", optional: true } as const] : []),
  ];
}

/** TEMPLATE_WORDS; what is not known stays as it is. */
function wordsFor(preset: RegistrablePreset, { clientId, tenant }: GuideValues): Record<string, string> {
  const known = tenant ?? (preset.kind === "oauth" ? preset.oauth.tenant?.default : undefined);
  return {
    "REDIRECT-URI": preset.oauth.redirect.uri,
    SCOPES: scopeFor(preset.oauth, ["imap", "smtp"]),
    ...(clientId === undefined ? {} : { "CLIENT-ID": clientId }),
    ...(known === undefined ? {} : { TENANT: known }),
  };
}

function fill(value: string, words: Readonly<Record<string, string>>): string {
  return value.replace(/[A-Z]+(?:-[A-Z]+)*/g, (word) =>
    Object.hasOwn(words, word) ? (words[word] ?? word) : word,
  );
}
