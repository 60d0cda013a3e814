// Finds an authorization server's metadata by its issuer: OpenID Connect Discovery, or RFC 8414 where there is none.
// Invariant: the metadata's issuer is the one that was asked for; no endpoint in it is without https.
import {
  type ClientAuth,
  ClientError,
  type ClientMetadata,
  type Configuration,
  type CustomFetch,
  customFetch,
  discovery,
  None,
  type ServerMetadata,
} from "openid-client";
import { PosternError } from "../../errors/postern-error.ts";
import { explainOAuthFailure } from "./explain.ts";

/** Seconds that a request to an authorization server may take. */
export const TIMEOUT = 30;

/** The program that an authorization server knows (RFC 6749 §2). */
export interface Registered {
  readonly clientId: string;
  readonly metadata: Partial<ClientMetadata>;
  readonly authentication: ClientAuth;
}

/** @throws PosternError `authorization-server-…` */
export async function findMetadata(issuer: string, fetch: CustomFetch): Promise<ServerMetadata> {
  // The client id does not matter here: nothing is sent but GETs.
  const nobody: Registered = { clientId: "postern", metadata: {}, authentication: None() };
  return (await findConfiguration(issuer, nobody, fetch)).serverMetadata();
}

/**
 * By openid-client's own discovery, and not from a copy of the metadata: it marks there what it knows of Entra, whose
 * metadata names no issuer but a pattern. @throws PosternError `authorization-server-…`
 */
export async function findConfiguration(
  issuer: string,
  client: Registered,
  fetch: CustomFetch,
): Promise<Configuration> {
  try {
    const configuration = await discoverEitherWay(new URL(requireHttps(issuer)), client, fetch);
    const metadata = configuration.serverMetadata();
    const { authorization_endpoint, token_endpoint } = metadata;
    if (authorization_endpoint === undefined || token_endpoint === undefined) {
      throw new PosternError("authorization-server-metadata", { detail: "it names no endpoints" });
    }
    for (const endpoint of [
      authorization_endpoint,
      token_endpoint,
      metadata.device_authorization_endpoint,
      metadata.revocation_endpoint,
      metadata.registration_endpoint,
      metadata.userinfo_endpoint,
    ]) {
      if (endpoint !== undefined) requireHttps(endpoint);
    }
    return configuration;
  } catch (thrown) {
    throw explainOAuthFailure(thrown, "discovery");
  }
}

function discoverEitherWay(
  issuer: URL,
  { clientId, metadata, authentication }: Registered,
  fetch: CustomFetch,
): Promise<Configuration> {
  const options = { [customFetch]: fetch, timeout: TIMEOUT };
  const find = (algorithm: "oidc" | "oauth2"): Promise<Configuration> =>
    discovery(issuer, clientId, metadata, authentication, { ...options, algorithm });
  return find("oidc").catch((thrown: unknown) => {
    if (!isMissing(thrown)) throw thrown;
    return find("oauth2");
  });
}

function isMissing(thrown: unknown): boolean {
  return (
    thrown instanceof ClientError &&
    thrown.cause instanceof Response &&
    thrown.cause.status >= 400 &&
    thrown.cause.status < 500
  );
}

/** @throws PosternError `authorization-server-metadata` */
export function requireHttps(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  // A user name in front of the host is there to be taken for the host.
  if (url?.protocol === "https:" && url.username === "" && url.password === "") return address;
  throw new PosternError("authorization-server-metadata", { detail: `${address} is not an https address` });
}
