// Reads what a host says of itself as a protected resource (RFC 9728): which authorization server it believes.
import type { CustomFetch } from "openid-client";
import { PosternError } from "../errors/postern-error.ts";
import { explainOAuthFailure } from "../oauth/client/explain.ts";

export interface ResourceMetadata {
  /** The first of the authorization servers; not verified yet. */
  readonly issuer: string;
  /** Scopes that requests for this resource use; empty where it does not say. */
  readonly scopes: readonly string[];
}

export const resourceMetadataUrl = (host: string): string =>
  `https://${host}/.well-known/oauth-protected-resource`;

/** @param host a host name. @throws PosternError `authorization-server-…` */
export async function readResourceMetadata(fetch: CustomFetch, host: string): Promise<ResourceMetadata> {
  const metadata = await fetchJson(fetch, resourceMetadataUrl(host));
  // RFC 9728 §3.3: it must speak of the host that was asked, or somebody passes on what is somebody else's.
  const resource = stringIn(metadata.resource);
  if (resource !== `https://${host}` && resource !== `https://${host}/`) {
    throw unusable(`it speaks of ${resource ?? "nothing"}, not of https://${host}`);
  }
  const servers = metadata.authorization_servers;
  const issuer = stringIn(Array.isArray(servers) ? servers[0] : undefined);
  if (issuer === undefined) throw unusable("it names no authorization server");
  const scopes = metadata.scopes_supported;
  return {
    issuer,
    scopes: Array.isArray(scopes) ? scopes.filter((scope) => typeof scope === "string") : [],
  };
}

async function fetchJson(fetch: CustomFetch, url: string): Promise<Readonly<Record<string, unknown>>> {
  let answer: Response;
  try {
    answer = await fetch(url, {
      method: "GET",
      headers: { accept: "application/json" },
      redirect: "manual",
      body: undefined,
    });
  } catch (thrown) {
    // What an abort throws; openid-client has its own word for it, which is not in between here.
    if (thrown instanceof DOMException)
      throw new PosternError("authorization-server-failing", { detail: thrown.message });
    throw explainOAuthFailure(thrown, "discovery");
  }
  if (answer.status !== 200) throw unusable(`status ${answer.status}`);
  let json: unknown;
  try {
    json = JSON.parse(await answer.text());
  } catch {
    throw unusable("it is not JSON");
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw unusable("it is not an object");
  return json as Readonly<Record<string, unknown>>;
}

function stringIn(value: unknown): string | undefined {
  return typeof value === "string" && value.length <= 2048 ? value : undefined;
}

function unusable(detail: string): PosternError {
  return new PosternError("authorization-server-metadata", { detail });
}
