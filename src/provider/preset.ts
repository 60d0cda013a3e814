// A preset: what is known about a provider, as data. One of three kinds: with OAuth, with passwords only, or on somebody's
// own server, whose names are found by discovery. Invariant: a preset is an immutable bundle; whoever uses its
// endpoints uses its mail hosts too (threats.md G1).
import { z } from "zod";
import type { DeepReadonly } from "./deep-freeze.ts";
import {
  commonShape,
  insteadSchema,
  mailSchema,
  oauthSchema,
  unnamedMailSchema,
  unnamedOauthSchema,
} from "./preset-parts.ts";

export const presetSchema = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("oauth"), ...commonShape, oauth: oauthSchema, mail: mailSchema }),
    z.strictObject({
      kind: z.literal("password"),
      ...commonShape,
      mail: mailSchema.optional(),
      instead: insteadSchema.optional(),
    }),
    z.strictObject({
      kind: z.literal("self-hosted"),
      ...commonShape,
      oauth: unnamedOauthSchema,
      mail: unnamedMailSchema,
    }),
  ])
  .refine(
    (preset) => preset.kind !== "password" || (preset.mail === undefined) === (preset.instead !== undefined),
    "has mail servers, or another program instead",
  )
  .refine(
    (preset) => preset.kind !== "oauth" || preset.registration !== undefined,
    "tells how to get a client id",
  );

export type ProviderPreset = DeepReadonly<z.infer<typeof presetSchema>>;
export type OAuthPreset = Extract<ProviderPreset, { kind: "oauth" }>;
export type PasswordPreset = Extract<ProviderPreset, { kind: "password" }>;
export type SelfHostedPreset = Extract<ProviderPreset, { kind: "self-hosted" }>;

/** How to sign in at a provider whose authorization server is known. */
export type PresetOAuth = OAuthPreset["oauth"];
export type PresetMail = OAuthPreset["mail"];
export type PresetServer = PresetMail["imap"];
export type MailProtocol = "imap" | "pop3" | "smtp";
/** How somebody gets a client id. */
export type RegistrationGuide = NonNullable<ProviderPreset["registration"]>;
export type RegistrationStep = RegistrationGuide["steps"][number];
export type RegistrationCheck = NonNullable<RegistrationStep["check"]>;
export type ProviderError = ProviderPreset["errors"][number];
