// Asks an authorization server for its metadata, to be compared. Invariant: nothing but GETs at the issuer's own well-known
// addresses; what is read is kept even where Postern would refuse to use it, with the reason.
import type { CustomFetch } from "openid-client";
import { createHurriedFetch } from "../discovery/http.ts";
import { toPosternError } from "../errors/postern-error.ts";
import { findMetadata } from "../oauth/client/metadata.ts";
import { explain, type ProviderCheckParts } from "./parts.ts";

export type MetadataObservation =
  | {
      readonly kind: "found";
      /** Somebody else's: any field may be anything. */
      readonly metadata: Readonly<Record<string, unknown>>;
      readonly by: "openid" | "rfc8414";
      /** Why Postern would not use it. */
      readonly refusal: string | undefined;
    }
  /** The server answers, and has none. */
  | { readonly kind: "absent" }
  | { readonly kind: "unreachable"; readonly reason: string };

interface Answer {
  readonly url: string;
  readonly status: number;
  readonly body: string;
}

/** What says that there is nothing, and not that robots are unwelcome. Microsoft answers 400 for a tenant that is not there. */
const NOT_THERE: ReadonlySet<number> = new Set([400, 404, 405, 410]);

/** @param issuer an https URL. Never throws. */
export async function observeMetadata(
  parts: ProviderCheckParts,
  issuer: string,
): Promise<MetadataObservation> {
  const answers: Answer[] = [];
  const hurried = createHurriedFetch(parts.fetch, parts.clock);
  const recording: CustomFetch = async (url, options) => {
    const response = await hurried(url, options);
    const { status, headers } = response;
    const body = await response.text();
    answers.push({ url, status, body });
    return new Response(body === "" ? null : body, { status, headers });
  };
  let refusal: string | undefined;
  try {
    await findMetadata(issuer, recording);
  } catch (thrown) {
    const error = toPosternError(thrown);
    if (error.code !== "authorization-server-metadata") {
      return { kind: "unreachable", reason: explain(error) };
    }
    refusal = error.detail ?? error.sentence;
  }
  const given = answers.find(({ status }) => status === 200);
  const metadata = given === undefined ? undefined : parseObject(given.body);
  if (given === undefined || metadata === undefined) {
    const isAbsent = answers.length > 0 && answers.every(({ status }) => NOT_THERE.has(status));
    return isAbsent
      ? { kind: "absent" }
      : { kind: "unreachable", reason: refusal ?? "it did not answer with metadata" };
  }
  const by = given.url.includes("/.well-known/oauth-authorization-server") ? "rfc8414" : "openid";
  return { kind: "found", metadata, by, refusal };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null && !Array.isArray(json)
      ? (json as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
