// Turns what openid-client throws into a failure of the catalogue (oauth.md §2): what passes by itself, what a person
// must do, what is misconfigured. Decides by `error` and status, never by a server's free text.
import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from "openid-client";
import type { ErrorCode } from "../../errors/catalogue.ts";
import { PosternError, systemCode } from "../../errors/postern-error.ts";
import { withhold } from "../../errors/withhold.ts";

/** RFC 6749 §5.2 and OpenID Connect Core §3.1.2.6: the grant has ended, or wants a person. */
const GRANT_ENDED = new Set([
  "invalid_grant",
  "interaction_required",
  "login_required",
  "consent_required",
  "access_denied",
]);
const PASSING = new Set(["temporarily_unavailable", "server_error", "slow_down"]);
const PASSING_STATUS = new Set([408, 425, 429]);

/** openid-client's codes for an answer that is not one of a working authorization server. */
const NOT_AN_ANSWER = new Set([
  "OAUTH_TIMEOUT",
  "OAUTH_ABORT",
  "OAUTH_RESPONSE_IS_NOT_JSON",
  "OAUTH_RESPONSE_IS_NOT_CONFORM",
  "OAUTH_PARSE_ERROR",
]);

/**
 * @param doing "discovery" | "authorization" (before the token endpoint was asked) | "token"
 * @param secrets what was sent, and must not come back in a detail
 */
export function explainOAuthFailure(
  thrown: unknown,
  doing: "discovery" | "authorization" | "token",
  ...secrets: readonly string[]
): PosternError {
  if (thrown instanceof PosternError) return thrown;
  // No cause: openid-client keeps whole responses, tokens included, in what it throws.
  const fail = (code: ErrorCode, detail: string, retryAfter?: number): PosternError =>
    new PosternError(code, {
      detail: withhold(detail, ...secrets),
      ...(retryAfter === undefined ? {} : { retryAfter }),
    });

  if (thrown instanceof AuthorizationResponseError) {
    if (PASSING.has(thrown.error)) return fail("authorization-server-failing", thrown.error);
    if (GRANT_ENDED.has(thrown.error)) return fail("sign-in-denied", thrown.error);
    return fail("oauth-client-refused", wordsOf(thrown));
  }
  if (thrown instanceof ResponseBodyError) {
    if (thrown.status >= 500 || PASSING_STATUS.has(thrown.status) || PASSING.has(thrown.error)) {
      return fail("authorization-server-failing", `status ${thrown.status}`, retryAfterOf(thrown.response));
    }
    if (GRANT_ENDED.has(thrown.error)) return fail("sign-in-ended", wordsOf(thrown));
    return fail("oauth-client-refused", wordsOf(thrown));
  }
  if (thrown instanceof WWWAuthenticateChallengeError) {
    return fail("oauth-client-refused", `status ${thrown.status}`);
  }
  if (thrown instanceof ClientError) return fail(...explainClientError(thrown, doing));
  // Node's code for a wrong argument: a bug of ours, not the network's.
  if (thrown instanceof TypeError && !systemCode(thrown)?.startsWith("ERR_INVALID_ARG"))
    return explainNetwork(thrown);
  return new PosternError("internal", {
    detail: thrown instanceof Error ? thrown.name : typeof thrown,
    cause: thrown,
  });
}

function explainClientError(
  thrown: ClientError,
  doing: "discovery" | "authorization" | "token",
): [ErrorCode, string, (number | undefined)?] {
  const code = thrown.code ?? "no code";
  const status = thrown.cause instanceof Response ? thrown.cause.status : undefined;
  if (code === "OAUTH_HTTP_REQUEST_FORBIDDEN")
    return ["authorization-server-metadata", "an address is not https"];
  if (code === "OAUTH_UNSUPPORTED_OPERATION")
    return ["access-token-unusable", "the token type is not Bearer"];
  if (NOT_AN_ANSWER.has(code)) {
    // A server that answers, but has no metadata at this issuer, will not have any later.
    if (
      doing === "discovery" &&
      status !== undefined &&
      status >= 400 &&
      status < 500 &&
      !PASSING_STATUS.has(status)
    ) {
      return ["authorization-server-metadata", `status ${status}`];
    }
    const detail = status === undefined ? code : `status ${status}`;
    return ["authorization-server-failing", detail, retryAfterOf(thrown.cause)];
  }
  switch (doing) {
    case "discovery":
      return ["authorization-server-metadata", `${code}: ${thrown.message}`];
    case "authorization":
      return ["sign-in-answer-refused", code];
    case "token":
      return ["authorization-server-failing", code];
  }
}

const CERTIFICATE = /CERT|ERR_TLS|ERR_SSL|UNABLE_TO_|HOSTNAME_MISMATCH/;

function explainNetwork(thrown: TypeError): PosternError {
  const { cause } = thrown;
  const code = systemCode(cause) ?? (cause instanceof Error ? cause.message : thrown.message);
  return new PosternError(
    CERTIFICATE.test(code) ? "authorization-server-certificate" : "authorization-server-unreachable",
    { detail: code },
  );
}

/** The server's `error` and its description, for the log and the person; both come from elsewhere. */
function wordsOf(thrown: { error: string; error_description?: string | undefined }): string {
  return thrown.error_description === undefined
    ? thrown.error
    : `${thrown.error}: ${thrown.error_description}`;
}

/** RFC 9110 §10.2.3 in seconds; the date form is rare here and not worth trusting a clock for. */
function retryAfterOf(response: unknown): number | undefined {
  if (!(response instanceof Response)) return undefined;
  const header = response.headers.get("retry-after");
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : undefined;
}
