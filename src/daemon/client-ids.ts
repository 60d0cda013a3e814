// Where a client id comes from when a person names none: their own registration, the administrator's policy, the build, in
// this order. Invariant: a client id is given for the provider it was registered at, and for no other.
import { clientOf } from "../policy/apply-policy.ts";
import type { PolicySource } from "../policy/policy-source.ts";
import { findPreset } from "../provider/table.ts";
import type { ClientSecret } from "../secret/secret.ts";
import type { Registrations } from "./config/registrations.ts";
import { usablePolicy } from "./policy-rules.ts";

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
}

export interface ClientIdParts {
  readonly registrations: Pick<Registrations, "clientOf">;
  readonly policy: Pick<PolicySource, "refresh">;
  /** By the preset's id. */
  readonly builtIn: Readonly<Record<string, string>>;
}

export function createClientIds({ registrations, policy, builtIn }: ClientIdParts): ClientIds {
  return {
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
      const ofPolicy = clientOf(await usablePolicy(policy), provider);
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
