// Where a client id comes from when a person names none: their own registration, the administrator's policy, the build, in
// this order. Invariant: a client id is given for the provider it was registered at, and for no other.
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { canonicalUserName } from "../account/account.ts";
import { clientIdSchema, tenantSchema } from "../control/provider-contract.ts";
import { PosternError, systemCode } from "../errors/postern-error.ts";
import { findPreset } from "../provider/table.ts";
import type { ClientSecret } from "../secret/secret.ts";
import type { Registrations } from "./config/registrations.ts";

export interface KnownClient {
  readonly from: "registration" | "policy" | "build";
  readonly clientId: string;
  readonly clientSecret: ClientSecret | undefined;
  readonly tenant: string | undefined;
}

export interface ClientIds {
  /**
   * @param provider a preset's id
   * @throws PosternError `policy-unusable`, `keychain-…`
   */
  of(provider: string, issuer: string | undefined): Promise<KnownClient | undefined>;
  /** @throws PosternError `policy-forbids` for an address of a domain that the administrator does not allow, `policy-unusable` */
  requireAllowed(email: string): Promise<void>;
}

export interface ClientIdParts {
  readonly registrations: Pick<Registrations, "clientOf">;
  /** The path of the policy file. */
  readonly policy: string;
  /** By the preset's id. */
  readonly builtIn: Readonly<Record<string, string>>;
}

const LARGEST = 262_144;
/** What an administrator ships may have more in it than this version reads. */
const policySchema = z.looseObject({
  version: z.literal(1),
  allowedDomains: z.array(z.string().max(253)).max(1000).optional(),
  providers: z
    .record(z.string(), z.looseObject({ clientId: clientIdSchema, tenant: tenantSchema.optional() }))
    .optional(),
});

export function createClientIds({ registrations, policy, builtIn }: ClientIdParts): ClientIds {
  return {
    async requireAllowed(email) {
      const allowed = (await readPolicy(policy))?.allowedDomains;
      const domain = domainOf(email);
      if (allowed === undefined || allowed.some((one) => domainOf(one) === domain)) return;
      throw new PosternError("policy-forbids", { detail: `${email}; allowed: ${allowed.join(", ")}` });
    },

    async of(provider, issuer) {
      // A server of somebody's own has a name of its own: another one's client id means nothing there.
      const preset = findPreset(provider);
      const isOwnServer = preset?.kind === "self-hosted";
      const needsSecret = preset?.kind === "oauth" && preset.oauth.clientSecret === "required";
      const registered = await registrations.clientOf(provider, isOwnServer ? (issuer ?? "") : undefined);
      if (registered !== undefined && !(needsSecret && registered.clientSecret === undefined)) {
        return { from: "registration", ...registered };
      }
      // Policy and build have no place for a secret, so a client id that needs one is of no use there.
      if (isOwnServer || needsSecret) return undefined;
      const given = (await readPolicy(policy))?.providers;
      const ofPolicy = given !== undefined && Object.hasOwn(given, provider) ? given[provider] : undefined;
      if (ofPolicy !== undefined) {
        const { clientId, tenant } = ofPolicy;
        return { from: "policy", clientId, clientSecret: undefined, tenant };
      }
      const clientId = Object.hasOwn(builtIn, provider) ? builtIn[provider] : undefined;
      if (clientId === undefined) return undefined;
      return { from: "build", clientId, clientSecret: undefined, tenant: undefined };
    },
  };
}

/** Of an address, or of itself; compared as people mean it. */
function domainOf(text: string): string {
  const canonical = canonicalUserName(`x@${text.slice(text.lastIndexOf("@") + 1)}`);
  return canonical.slice(2);
}

/** Read each time: an administrator changes it while Postern runs. */
async function readPolicy(path: string): Promise<z.infer<typeof policySchema> | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (thrown) {
    if (systemCode(thrown) === "ENOENT") return undefined;
    throw new PosternError("policy-unusable", { detail: `${path}: ${systemCode(thrown)}`, cause: thrown });
  }
  try {
    if (text.length > LARGEST) throw new Error("it is too large");
    return policySchema.parse(JSON.parse(text.replace(/^\uFEFF/, "")));
  } catch (thrown) {
    const issue = thrown instanceof z.ZodError ? thrown.issues[0] : undefined;
    const reason =
      issue === undefined ? "it is not JSON, or too large" : `${issue.path.join(".")} ${issue.message}`;
    throw new PosternError("policy-unusable", { detail: `${path}: ${reason}`, cause: thrown });
  }
}
