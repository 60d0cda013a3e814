// The control methods about providers: what their live servers say, and the way to a client id.
import type {
  ProviderMethod,
  ProviderRequest,
  ProviderResponse,
  Registration,
} from "../control/provider-contract.ts";
import { PosternError } from "../errors/postern-error.ts";
import { createBoundedFetch } from "../oauth/client/bounded-fetch.ts";
import { findMetadata } from "../oauth/client/metadata.ts";
import { impliedOAuth } from "../provider/implied-settings.ts";
import type { ProviderPreset } from "../provider/preset.ts";
import { findPreset, presets } from "../provider/table.ts";
import { addressesOf, isTenant } from "../provider/tenant.ts";
import {
  checkAuthorizationEndpoint,
  checkTenant,
  checkTokenEndpoint,
} from "../provider-check/check-client.ts";
import { checkProvider } from "../provider-check/check-provider.ts";
import type { ClientOnTrial } from "../provider-check/client-check.ts";
import type { ProviderCheckParts } from "../provider-check/parts.ts";
import { asksTheProvider, isRegistrable, type RegistrablePreset } from "../registration/guide.ts";
import { showGuide } from "../registration/shown-guide.ts";
import type { Registrations } from "./config/registrations.ts";

export type ProviderHandlers = {
  readonly [M in ProviderMethod]: (request: ProviderRequest<M>) => Promise<ProviderResponse<M>>;
};

export interface ProviderHandlerParts extends ProviderCheckParts {
  readonly registrations: Registrations;
  /** Instead of the shipped ones, for tests. */
  readonly find?: (id: string) => ProviderPreset | undefined;
}

export function createProviderHandlers(parts: ProviderHandlerParts): ProviderHandlers {
  const { registrations, find = findPreset } = parts;

  function presetOf(id: string): ProviderPreset {
    const preset = find(id);
    if (preset === undefined) throw invalid(`there is no provider "${id}": postern provider list`);
    return preset;
  }

  function registrableOf(id: string): RegistrablePreset {
    const preset = presetOf(id);
    if (!isRegistrable(preset)) throw invalid(`${preset.name} needs no client id`);
    return preset;
  }

  async function clientOnTrial(
    preset: RegistrablePreset,
    registration: Registration,
  ): Promise<ClientOnTrial> {
    const { clientId, tenant } = registration;
    if (clientId === undefined) throw invalid("there is no client id yet");
    const implied = impliedOAuth(preset, { tenant });
    return {
      ...(implied.addresses ?? (await findAddresses(registration.issuer))),
      clientId,
      clientSecret: await registrations.secretOf(preset.id),
      redirectUri: implied.redirectUri,
      scope: implied.scope,
      authorizationParameters: implied.authorizationParameters,
      hasDeviceFlow: preset.oauth.device.flow === "offered",
    };
  }

  /** Of somebody's own authorization server. @throws PosternError `authorization-server-…` */
  async function findAddresses(
    issuer: string | undefined,
  ): Promise<Pick<ClientOnTrial, "issuer" | "endpoints">> {
    if (issuer === undefined) throw invalid("there is no issuer yet");
    const metadata = await findMetadata(issuer, createBoundedFetch(parts.fetch));
    return {
      issuer,
      endpoints: {
        // findMetadata has seen to it that both are there.
        authorization: metadata.authorization_endpoint ?? "",
        token: metadata.token_endpoint ?? "",
        deviceAuthorization: metadata.device_authorization_endpoint,
      },
    };
  }

  return {
    async "provider.list"() {
      return {
        providers: presets.map((preset) => ({
          id: preset.id,
          name: preset.name,
          kind: preset.kind,
          registrable: isRegistrable(preset),
        })),
      };
    },

    async "provider.check"({ provider, tenant }) {
      const preset = presetOf(provider);
      if (tenant !== undefined) requireTenant(preset, tenant);
      const { differences, agreements, learned, notAsked } = await checkProvider(parts, preset, { tenant });
      return {
        differences: [...differences],
        agreements: [...agreements],
        learned: [...learned],
        notAsked: [...notAsked],
      };
    },

    async "registration.show"({ provider }) {
      const preset = registrableOf(provider);
      const damage = await registrations.damage();
      const registration = await registrations.show(provider);
      return {
        registration,
        guide: showGuide(preset, registration),
        ...(damage === undefined
          ? {}
          : {
              notice: `The file of registrations was damaged (${damage.reason}): kept as ${damage.keptAs}.`,
            }),
      };
    },

    async "registration.save"({ provider, ...change }) {
      const preset = registrableOf(provider);
      if (change.tenant !== undefined) requireTenant(preset, change.tenant);
      if (change.issuer !== undefined && preset.kind !== "self-hosted") {
        throw invalid(`${preset.name} has its own issuer`);
      }
      const { clientId: before } = await registrations.show(provider);
      const isAnother = before !== undefined && change.clientId !== undefined && change.clientId !== before;
      const undone = isAnother ? stepsAboutTheClient(preset) : [];
      return { registration: await registrations.save(provider, { ...change, undone }) };
    },

    async "registration.check"({ provider, check }) {
      const preset = registrableOf(provider);
      const registration = await registrations.show(provider);
      if (check === "tenant-exists") {
        if (preset.kind === "self-hosted") throw invalid(`${preset.name} has no tenants`);
        return checkTenant(parts, addressesOf(preset.oauth, registration.tenant).issuer);
      }
      const client = await clientOnTrial(preset, registration);
      return check === "authorize-endpoint-accepts"
        ? checkAuthorizationEndpoint(parts, client)
        : checkTokenEndpoint(parts, client);
    },
  };
}

/** What was seen of one client id says nothing about another. */
function stepsAboutTheClient({ registration }: RegistrablePreset): string[] {
  return registration.steps
    .filter(({ check }) => check !== undefined && (asksTheProvider(check) || check.kind === "signs-in"))
    .map(({ id }) => id);
}

function requireTenant(preset: ProviderPreset, tenant: string): void {
  if (preset.kind !== "oauth" || preset.oauth.tenant === undefined) {
    throw invalid(`${preset.name} has no tenants`);
  }
  if (!isTenant(tenant)) throw invalid(`"${tenant}" is no tenant`);
}

function invalid(detail: string): PosternError {
  return new PosternError("request-invalid", { detail });
}
