// What an administrator's policy file can say, and its reading. Pure.
// Invariants: what a newer version's file says more is passed over and told, never a reason to refuse the rest; a value
// that cannot be meant makes the whole file unusable, since half a policy is none that anybody decided on.
import { isAbsolute } from "node:path";
import { z } from "zod";
import { clientIdSchema, tenantSchema } from "../control/provider-contract.ts";
import { settingsSchema } from "../control/settings-shapes.ts";

/** Null: no such file, whatever a person would like. A relative name would mean another file in every folder. */
const authorityFileSchema = settingsSchema.shape.authorityFile
  .unwrap()
  .refine((path) => isAbsolute(path), "is not a whole path")
  .nullable()
  .optional();

const settingsShape = { ...settingsSchema.partial().shape, authorityFile: authorityFileSchema };

const domainSchema = z
  .string()
  .max(253)
  .regex(/^[^\s@*/:]+$/u, "is no domain (each is written out: there are no wildcards)");

const providerShape = { clientId: clientIdSchema, tenant: tenantSchema.optional() };

const policyShape = {
  version: z.literal(1),
  organisation: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .regex(/^[^\p{Cc}]+$/u, "has control characters")
    .optional(),
  providers: z.record(z.string(), z.object(providerShape)).optional(),
  /** Mail domains whose addresses may be used; every one where it is left out. */
  allowedDomains: z.array(domainSchema).max(1000).optional(),
  settings: z.object(settingsShape).optional(),
  updates: z.boolean().optional(),
};
/** Not strict: what is unknown is left out. */
const policySchema = z.object(policyShape);

export type Policy = z.infer<typeof policySchema>;
export type PolicySettings = NonNullable<Policy["settings"]>;

export type ParsedPolicy =
  | { readonly kind: "policy"; readonly policy: Policy; readonly unknown: readonly string[] }
  | { readonly kind: "flawed"; readonly problem: string };

export function parsePolicy(text: string): ParsedPolicy {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return { kind: "flawed", problem: "it is not JSON" };
  }
  const parsed = policySchema.safeParse(json);
  if (parsed.success) return { kind: "policy", policy: parsed.data, unknown: unknownKeys(json) };
  const issue = parsed.error.issues[0];
  return { kind: "flawed", problem: `${issue?.path.join(".") || "it"}: ${issue?.message ?? "not valid"}` };
}

/** Misspelt, or of a newer version: nobody but the administrator can tell which. */
function unknownKeys(json: unknown): readonly string[] {
  return [
    ...keysBeyond(json, policyShape, ""),
    ...keysBeyond(member(json, "settings"), settingsShape, "settings."),
    ...Object.entries(member(json, "providers") ?? {}).flatMap(([id, client]) =>
      keysBeyond(client, providerShape, `providers.${id}.`),
    ),
  ];
}

function keysBeyond(value: unknown, shape: object, prefix: string): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.keys(value)
    .filter((key) => !Object.hasOwn(shape, key))
    .map((key) => `${prefix}${key}`);
}

function member(value: unknown, name: string): object | undefined {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  const found: unknown = Reflect.get(value, name);
  return typeof found === "object" && found !== null ? found : undefined;
}
