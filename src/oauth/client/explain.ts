// Turns what openid-client throws into a failure of the catalogue (oauth.md §2): what passes by itself, what a person
// must do, what is misconfigured. Decides by what was thrown, status and `error`, never by a server's free text.
import { ClientError } from "openid-client";
import type { ErrorCode } from "../../errors/catalogue.ts";
import { PosternError, systemCode } from "../../errors/postern-error.ts";
import { withhold } from "../../errors/withhold.ts";
import { type About, type Doing, explainServerError, isPassingStatus } from "./explain-server-error.ts";
import { isMicrosoft } from "./flow-order.ts";
import { isGoogle, reasonByAge } from "./google-errors.ts";
import { readServerError, retryAfterOf } from "./server-error.ts";

/** What was thrown stays as it is where it is a PosternError already: `accept` and proxies throw those. */
export function explainOAuthFailure(thrown: unknown, doing: Doing, about: About = {}): PosternError {
  if (thrown instanceof PosternError) return thrown;
  const { secrets = [] } = about;
  // No cause anywhere here: openid-client keeps whole responses, tokens included, in what it throws.
  const said = readServerError(thrown, secrets);
  if (said !== undefined) return explainServerError(said, doing, about);
  if (thrown instanceof ClientError) {
    const { code, detail, retryAfter } = explainClientError(thrown, doing);
    return new PosternError(code, {
      detail: withhold(detail, ...secrets),
      ...(retryAfter === undefined ? {} : { retryAfter }),
    });
  }
  // Node's code for a wrong argument: a bug of ours, not the network's.
  if (thrown instanceof TypeError && !systemCode(thrown)?.startsWith("ERR_INVALID_ARG")) {
    return explainNetwork(thrown);
  }
  return new PosternError("internal", {
    detail: thrown instanceof Error ? thrown.name : typeof thrown,
    cause: thrown,
  });
}

/** openid-client's codes for an answer that is not one of a working authorization server. */
const NOT_AN_ANSWER = new Set([
  "OAUTH_TIMEOUT",
  "OAUTH_ABORT",
  "OAUTH_RESPONSE_IS_NOT_JSON",
  "OAUTH_RESPONSE_IS_NOT_CONFORM",
  "OAUTH_PARSE_ERROR",
]);
/** Its codes for an id_token that does not belong here. */
const IDENTITY = new Set([
  "OAUTH_JWT_CLAIM_COMPARISON_FAILED",
  "OAUTH_JWT_TIMESTAMP_CHECK_FAILED",
  "OAUTH_KEY_SELECTION_FAILED",
  "OAUTH_DECRYPTION_FAILED",
]);

interface Explained {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly retryAfter?: number | undefined;
}

function explainClientError(thrown: ClientError, doing: Doing): Explained {
  const code = thrown.code ?? "no code";
  const reason = thrown.cause instanceof Error ? thrown.cause.message : thrown.message;
  if (code === "OAUTH_HTTP_REQUEST_FORBIDDEN") {
    return { code: "authorization-server-metadata", detail: "an address is not https" };
  }
  if (code === "OAUTH_MISSING_SERVER_METADATA") {
    return { code: MISSING[doing], detail: "the metadata names no such endpoint" };
  }
  if (code === "OAUTH_UNSUPPORTED_OPERATION" && reason.includes("token_type")) {
    return { code: "access-token-unusable", detail: "the token type is not Bearer" };
  }
  // The library's own words for the parts of an id_token, where its code does not tell them from the rest.
  if (IDENTITY.has(code) || /\bJW[EST]\b|ID Token|"id_token"/.test(reason)) {
    return { code: "identity-not-proven", detail: reason };
  }
  if (NOT_AN_ANSWER.has(code)) return explainNoAnswer(thrown, code, doing);
  return { code: ODD_ANSWER[doing], detail: `${code}: ${reason}` };
}

function explainNoAnswer({ cause }: ClientError, code: string, doing: Doing): Explained {
  if (!(cause instanceof Response)) return { code: "authorization-server-failing", detail: code };
  const { status } = cause;
  const detail = `status ${status}`;
  // A server that answers, but has nothing at this address, will not have it later.
  if (status >= 400 && status < 500 && !isPassingStatus(status)) {
    if (doing === "discovery") return { code: "authorization-server-metadata", detail };
    if (doing === "registration") return { code: "registration-refused", detail };
  }
  return { code: "authorization-server-failing", detail, retryAfter: retryAfterOf(cause) };
}

/** What an endpoint's absence means. */
const MISSING: Readonly<Record<Doing, ErrorCode>> = {
  discovery: "authorization-server-metadata",
  authorization: "authorization-server-metadata",
  token: "authorization-server-metadata",
  device: "flow-not-offered",
  registration: "registration-refused",
  revocation: "revocation-failed",
  userinfo: "authorization-server-metadata",
};

/** What an answer means that is none, or is somebody else's. */
const ODD_ANSWER: Readonly<Record<Doing, ErrorCode>> = {
  discovery: "authorization-server-metadata",
  authorization: "sign-in-answer-refused",
  token: "authorization-server-failing",
  device: "authorization-server-failing",
  registration: "registration-refused",
  revocation: "revocation-failed",
  userinfo: "sign-in-answer-refused",
};

const CERTIFICATE = /CERT|ERR_TLS|ERR_SSL|UNABLE_TO_|HOSTNAME_MISMATCH/;

function explainNetwork(thrown: TypeError): PosternError {
  for (let cause = thrown.cause; cause instanceof Error; cause = cause.cause) {
    // A failure of our own, thrown from within the fetch: a proxy's, or an answer without end.
    if (cause instanceof PosternError) return cause;
  }
  const { cause } = thrown;
  const reason = systemCode(cause) ?? (cause instanceof Error ? cause.message : thrown.message);
  return new PosternError(
    CERTIFICATE.test(reason) ? "authorization-server-certificate" : "authorization-server-unreachable",
    { detail: reason },
  );
}

export interface EndedSignIn {
  readonly issuer: string;
  /** Milliseconds since 1970; 0 or undefined where nobody noted it. */
  readonly signedInAt: number | undefined;
  readonly now: number;
}

/** Says more exactly why a sign-in has ended, where its age tells. Anything else stays as it is. */
export function refineEndedSignIn(error: PosternError, ended: EndedSignIn): PosternError {
  const { issuer, signedInAt, now } = ended;
  if (!isGoogle(issuer) || !["sign-in-ended", "google-sign-in-revoked"].includes(error.code)) return error;
  const code = signedInAt ? reasonByAge(now - signedInAt) : undefined;
  if (code === undefined) return error;
  return new PosternError(code, {
    ...(error.detail === undefined ? {} : { detail: error.detail }),
    refusesGrant: error.refusesGrant,
  });
}

/** Nobody came back from the browser: what they may have seen there, which nobody told us. */
export function hintForUnfinishedSignIn(issuer: string): PosternError {
  if (isGoogle(issuer)) return new PosternError("sign-in-timed-out-google");
  return new PosternError(isMicrosoft(issuer) ? "sign-in-timed-out-microsoft" : "sign-in-timed-out");
}
