// Compares an authorization server's metadata (RFC 8414 §2) with a preset. Pure. Invariant: what the metadata may leave out
// although the server has it (scopes, PKCE methods, authentication methods) is never a difference when it is missing.
import { printable } from "../errors/printable.ts";
import type { PresetOAuth } from "../provider/preset.ts";
import { addressesOf, isTenant } from "../provider/tenant.ts";
import { agrees, differs, type Finding, learned, notAsked } from "./findings.ts";
import type { MetadataObservation } from "./observe-metadata.ts";

type Metadata = Readonly<Record<string, unknown>>;

const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

/** @param tenant in place of the preset's own, where it has tenants */
export function compareMetadata(
  oauth: PresetOAuth,
  tenant: string | undefined,
  seen: MetadataObservation,
): Finding[] {
  switch (seen.kind) {
    case "unreachable":
      return [notAsked("oauth", `The metadata could not be read: ${seen.reason}`)];
    case "absent":
      return [compareAbsence(oauth)];
    case "found": {
      const { metadata, by } = seen;
      const issuer = compareIssuer(oauth, tenant, metadata);
      return [
        compareDiscovery(oauth, by),
        issuer,
        // A refusal for the issuer's sake has been told by then.
        ...(seen.refusal === undefined || issuer.verdict === "differs" || isTenantPattern(oauth, metadata)
          ? []
          : [compareRefusal(seen.refusal)]),
        ...compareEndpoints(oauth, tenant, metadata),
        comparePkce(oauth, metadata),
        ...compareGrants(oauth, metadata),
        ...compareScopes(oauth, metadata),
        compareAuthentication(oauth, metadata),
        ...learnTheRest(oauth, metadata),
      ];
    }
  }
}

function compareDiscovery({ discovery }: PresetOAuth, by: "openid" | "rfc8414"): Finding {
  const path = "oauth.discovery";
  const name = by === "openid" ? "OpenID Connect Discovery" : "RFC 8414";
  // OpenID Connect is asked for first; who has both is found by that.
  if (discovery === by || (discovery === "rfc8414" && by === "openid")) {
    return agrees(path, `It publishes metadata (${name}).`);
  }
  if (discovery === "unknown") return learned(path, `It publishes metadata (${name}).`);
  return differs(path, `It publishes metadata (${name}).`, { preset: discovery, live: by });
}

function compareAbsence({ discovery }: PresetOAuth): Finding {
  const path = "oauth.discovery";
  const sentence = "It publishes no metadata.";
  if (discovery === "none") return agrees(path, sentence);
  if (discovery === "unknown") return learned(path, sentence);
  return differs(path, sentence, { preset: discovery, live: "none" });
}

function compareRefusal(reason: string): Finding {
  return differs("oauth", "Postern would not use this metadata.", { preset: "usable", live: reason });
}

function compareIssuer(oauth: PresetOAuth, tenant: string | undefined, metadata: Metadata): Finding {
  const path = "oauth.issuer";
  const live = textOf(metadata.issuer);
  const { issuer } = addressesOf(oauth, tenant);
  if (live === issuer) return agrees(path, `Its issuer is ${issuer}.`);
  if (isTenantPattern(oauth, metadata)) return agrees(path, `Its issuer is ${live}, for ${issuer}.`);
  return differs(path, "It calls itself by another issuer.", { preset: issuer, live: live ?? "nothing" });
}

/** Entra names `{tenantid}` for several tenants, and the tenant's id where it was asked by its domain. */
function isTenantPattern({ issuer, tenant }: PresetOAuth, metadata: Metadata): boolean {
  const live = textOf(metadata.issuer);
  const [before, after] = issuer.split("{tenant}");
  if (tenant === undefined || live === undefined || before === undefined || after === undefined) return false;
  if (!live.startsWith(before) || !live.endsWith(after)) return false;
  const word = live.slice(before.length, live.length - after.length);
  return word === "{tenantid}" || isTenant(word);
}

const ENDPOINTS = [
  ["authorization", "authorization_endpoint"],
  ["token", "token_endpoint"],
  ["deviceAuthorization", "device_authorization_endpoint"],
  ["revocation", "revocation_endpoint"],
] as const;

function compareEndpoints(oauth: PresetOAuth, tenant: string | undefined, metadata: Metadata): Finding[] {
  const { endpoints } = addressesOf(oauth, tenant);
  return ENDPOINTS.flatMap(([name, field]) => {
    const path = `oauth.endpoints.${name}`;
    const preset = endpoints[name];
    const live = textOf(metadata[field]);
    if (preset === undefined && live === undefined) return [];
    if (preset === live) return [agrees(path, `${field}: ${live}`)];
    if (preset === undefined) return [learned(path, `It has a ${field}: ${live}`)];
    return [differs(path, `Its ${field} is another.`, { preset, live: live ?? "none" })];
  });
}

function comparePkce({ pkce }: PresetOAuth, metadata: Metadata): Finding {
  const path = "oauth.pkce";
  const methods = listOf(metadata.code_challenge_methods_supported);
  if (methods === undefined) return notAsked(path, "Its metadata does not say whether it takes PKCE.");
  if (!methods.includes("S256")) {
    return differs(path, "It does not list S256, which Postern always uses.", {
      preset: pkce,
      live: methods.join(" ") || "none",
    });
  }
  const sentence = "It takes PKCE with S256.";
  return pkce === "unknown" ? learned(path, sentence) : agrees(path, sentence);
}

function compareGrants({ device }: PresetOAuth, metadata: Metadata): Finding[] {
  const grants = listOf(metadata.grant_types_supported);
  if (grants === undefined) return [notAsked("oauth", "Its metadata does not list grant types.")];
  const live = grants.join(" ");
  const needed = ["authorization_code", "refresh_token"].map((grant) =>
    grants.includes(grant)
      ? agrees("oauth", `It offers the grant ${grant}.`)
      : differs("oauth", `It does not list the grant ${grant}.`, { preset: grant, live }),
  );
  const path = "oauth.device.flow";
  const offers = grants.includes(DEVICE_GRANT);
  if (device.flow === "offered") {
    return [
      ...needed,
      offers
        ? agrees(path, "It offers the device flow.")
        : differs(path, "It does not list the device flow.", { preset: device.flow, live }),
    ];
  }
  if (offers && device.flow === "none") {
    return [
      ...needed,
      differs(path, "It lists the device flow.", { preset: device.flow, live: DEVICE_GRANT }),
    ];
  }
  return needed;
}

function compareScopes({ scopes }: PresetOAuth, metadata: Metadata): Finding[] {
  const listed = listOf(metadata.scopes_supported);
  if (listed === undefined) return [notAsked("oauth.scopes", "Its metadata does not list scopes.")];
  const wanted = [
    ...new Set([...scopes.imap, ...scopes.pop3, ...scopes.smtp, ...scopes.offline, ...scopes.identity]),
  ];
  const known = wanted.filter((scope) => listed.includes(scope));
  const unlisted = wanted.filter((scope) => !listed.includes(scope));
  return [
    ...(known.length === 0 ? [] : [agrees("oauth.scopes", `It lists the scopes ${known.join(", ")}.`)]),
    // RFC 8414 §2: servers may leave scopes out that they support.
    ...(unlisted.length === 0
      ? []
      : [notAsked("oauth.scopes", `Its metadata does not mention ${unlisted.join(", ")}.`)]),
  ];
}

function compareAuthentication({ clientSecret }: PresetOAuth, metadata: Metadata): Finding {
  const path = "oauth.clientSecret";
  const methods = listOf(metadata.token_endpoint_auth_methods_supported);
  if (methods === undefined) {
    return notAsked(path, "Its metadata does not say how clients prove themselves.");
  }
  const live = methods.join(" ");
  const takesNone = methods.includes("none");
  const takesSecret = methods.includes("client_secret_post");
  if (clientSecret === "none") {
    return takesNone
      ? agrees(path, "It takes clients without a secret.")
      : notAsked(path, `Its metadata lists ${live}, and not whether clients without a secret are taken.`);
  }
  if (takesSecret || (clientSecret === "optional" && takesNone)) {
    return agrees(path, `It takes clients by ${takesSecret ? "client_secret_post" : "none"}.`);
  }
  return differs(path, "It does not list client_secret_post, by which Postern sends a secret.", {
    preset: clientSecret,
    live,
  });
}

function learnTheRest({ responseIssuer }: PresetOAuth, metadata: Metadata): Finding[] {
  return [
    ...(metadata.authorization_response_iss_parameter_supported === true && responseIssuer === undefined
      ? [learned("oauth.responseIssuer", "It names itself in the authorization response (RFC 9207).")]
      : []),
    ...(textOf(metadata.registration_endpoint) === undefined
      ? []
      : [
          learned(
            "registration",
            "It has a registration endpoint: programs may register themselves (RFC 7591).",
          ),
        ]),
  ];
}

/** In one line: it will be shown. */
function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? printable(value, 512) : undefined;
}

function listOf(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.filter((one) => typeof one === "string").map((one) => printable(one, 200));
}
