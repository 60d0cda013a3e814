// Puts a tenant into a preset's addresses. Invariant: what comes out has no template in it, and still lies at the preset's
// own host: a tenant is one word and cannot lead elsewhere.
import type { PresetOAuth } from "./preset.ts";

export interface AuthorizationServerAddresses {
  readonly issuer: string;
  readonly endpoints: PresetOAuth["endpoints"];
}

/** A directory's id or one of its domains, or a word such as "organizations". */
export function isTenant(text: string): boolean {
  return (
    text.length <= 253 && /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(text) && !text.includes("..")
  );
}

/**
 * @param tenant in place of the preset's own; ignored where the provider has no tenants
 * @throws RangeError when it is no tenant: ask `isTenant` first
 */
export function addressesOf(
  oauth: PresetOAuth,
  tenant: string | undefined = oauth.tenant?.default,
): AuthorizationServerAddresses {
  if (oauth.tenant === undefined || tenant === undefined) return oauth;
  if (!isTenant(tenant)) throw new RangeError("not a tenant");
  const fill = (address: string): string => address.replaceAll("{tenant}", tenant.toLowerCase());
  const { authorization, token, deviceAuthorization, revocation } = oauth.endpoints;
  return {
    issuer: fill(oauth.issuer),
    endpoints: {
      authorization: fill(authorization),
      token: fill(token),
      ...(deviceAuthorization === undefined ? {} : { deviceAuthorization: fill(deviceAuthorization) }),
      ...(revocation === undefined ? {} : { revocation: fill(revocation) }),
    },
  };
}
