// An authorization server's refusal as a failure of the catalogue: by status and `error` (RFC 6749 §4.1.2.1 and §5.2,
// RFC 8628 §3.5, RFC 7591 §3.2.2), with the help text that Microsoft's numbers and Google's words choose within that.
import type { ErrorCode } from "../../errors/catalogue.ts";
import { type ErrorContext, PosternError } from "../../errors/postern-error.ts";
import { formatConsentUrl, formatLetter, type Wish } from "./administrator-letter.ts";
import { type EntraHelp, entraHelp, fittingIssuer, isPassingAtEntra, signInPeriod } from "./entra-errors.ts";
import { googleHelp, isGoogle } from "./google-errors.ts";
import { describeServerError, type ServerError } from "./server-error.ts";
import type { OAuthClientSettings } from "./settings.ts";

/** What was going on; "authorization" is everything before the token endpoint was asked. */
export type Doing =
  | "discovery"
  | "authorization"
  | "token"
  | "device"
  | "registration"
  | "revocation"
  | "userinfo";

export interface About {
  readonly settings?: OAuthClientSettings | undefined;
  /** As it was sent, port and all: in the grant that has one, and in no other. */
  readonly redirectUri?: string | undefined;
  /** What was sent, and must not come back in a detail. */
  readonly secrets?: readonly string[] | undefined;
}

/** RFC 6749 §5.2 and OpenID Connect Core §3.1.2.6: the grant has ended, or wants a person. */
const GRANT_REFUSED = new Set([
  "invalid_grant",
  "interaction_required",
  "login_required",
  "consent_required",
  "access_denied",
]);
const PASSING = new Set(["temporarily_unavailable", "server_error", "slow_down"]);

export function explainServerError(said: ServerError, doing: Doing, about: About): PosternError {
  const isGrantRefused = GRANT_REFUSED.has(said.error);
  const help = helpFor(said, isGrantRefused, about);
  if (isPassing(said) && help?.code !== "request-loop") {
    return fail("authorization-server-failing", said, about, { retryAfter: said.retryAfter });
  }
  if (doing === "registration") return fail("registration-refused", said, about);
  if (doing === "device" && help?.code === "conditional-access-blocked") {
    return fail("device-flow-blocked", said, about);
  }
  if (help !== undefined) {
    return fail(help.code, said, about, {
      refusesGrant: doing === "token" && isGrantRefused && help.refusesGrant,
      retryAfter: help.retryAfter,
    });
  }
  const code = codeByError(said, doing, about);
  return fail(code, said, about, { refusesGrant: code === "sign-in-ended" });
}

function isPassing({ error, status = 400, numbers }: ServerError): boolean {
  return isPassingStatus(status) || PASSING.has(error) || isPassingAtEntra(numbers);
}

export function isPassingStatus(status: number): boolean {
  return status >= 500 || [408, 425, 429].includes(status);
}

type Help = Pick<EntraHelp, "code" | "refusesGrant" | "retryAfter">;

function helpFor(said: ServerError, isGrantRefused: boolean, { settings }: About): Help | undefined {
  if (settings !== undefined && isGoogle(settings.issuer)) {
    const code = googleHelp(said);
    return code === undefined ? undefined : { code, refusesGrant: true, retryAfter: undefined };
  }
  return entraHelp(said.numbers, isGrantRefused);
}

function codeByError({ error }: ServerError, doing: Doing, { settings, redirectUri }: About): ErrorCode {
  // Only a grant with a code has a redirect address.
  const isRefresh = doing === "token" && redirectUri === undefined;
  switch (error) {
    case "invalid_grant":
      if (doing === "device") return "device-code-wrong";
      return isRefresh ? "sign-in-ended" : "sign-in-code-spent";
    case "interaction_required":
    case "login_required":
    case "consent_required":
    case "access_denied":
      return isRefresh ? "sign-in-ended" : "sign-in-denied";
    case "authorization_declined":
      return "sign-in-denied";
    case "authorization_pending":
      return "device-code-pending";
    case "bad_verification_code":
      return "device-code-wrong";
    case "expired_token":
      return "device-code-expired";
    case "invalid_scope":
      // Google's device flow knows few scopes, and mail is none of them.
      if (doing === "device" && settings !== undefined && isGoogle(settings.issuer))
        return "flow-not-offered";
      return "scope-refused";
    case "redirect_uri_mismatch":
      return "redirect-uri-mismatch";
    case "unauthorized_client":
    case "unsupported_grant_type":
      return doing === "device" ? "flow-not-offered" : "oauth-client-refused";
    default:
      return "oauth-client-refused";
  }
}

/** What may be left out is undefined. */
type Extras = { readonly refusesGrant?: boolean; readonly retryAfter?: number | undefined };

function fail(code: ErrorCode, said: ServerError, about: About, extras: Extras = {}): PosternError {
  const { retryAfter, refusesGrant = false } = extras;
  const letter = letterFor(code, said, about.settings);
  const context: ErrorContext = {
    detail: detailOf(code, said, about),
    values: valuesOf(said, about),
    refusesGrant,
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(said.claims === undefined ? {} : { claims: said.claims }),
    ...(letter === undefined ? {} : { letter }),
  };
  return new PosternError(code, context);
}

function detailOf(code: ErrorCode, said: ServerError, { redirectUri }: About): string {
  const words = describeServerError(said);
  return code === "redirect-uri-mismatch" && redirectUri !== undefined
    ? `${redirectUri} was sent; ${words}`
    : words;
}

const NOT_TOLD = "(not given)";

/** What stands for the words in capitals in the catalogue's actions. */
function valuesOf(said: ServerError, { settings }: About): Record<string, string> {
  return {
    "CLIENT-ID": settings?.clientId ?? NOT_TOLD,
    "CONSENT-URL": settings === undefined ? NOT_TOLD : formatConsentUrl(settings),
    "CORRELATION-ID": said.correlationId ?? NOT_TOLD,
    ISSUER: settings === undefined ? NOT_TOLD : fittingIssuer(settings.issuer, said.numbers),
    PERIOD: signInPeriod(said.description),
    // As it is to be registered: RFC 8252 §7.3 wants any port accepted, and the next attempt has another.
    "REDIRECT-URI": settings?.redirectUri ?? NOT_TOLD,
    SCOPE: settings?.scope ?? NOT_TOLD,
    "TRACE-ID": said.traceId ?? NOT_TOLD,
  };
}

function letterFor(
  code: ErrorCode,
  said: ServerError,
  settings: OAuthClientSettings | undefined,
): string | undefined {
  const wish = settings === undefined ? undefined : wishFor(code, settings);
  return wish === undefined || settings === undefined
    ? undefined
    : formatLetter(wish, settings, describeServerError(said));
}

function wishFor(code: ErrorCode, settings: OAuthClientSettings): Wish | undefined {
  switch (code) {
    case "consent-missing":
    case "admin-approval-needed":
      return { kind: "consent", consentUrl: formatConsentUrl(settings) };
    case "conditional-access-blocked":
    case "device-flow-blocked":
      return { kind: "lift-block" };
    case "google-admin-blocks":
      return { kind: "trust-at-google" };
    default:
      return undefined;
  }
}
