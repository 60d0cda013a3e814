// Reads what an authorization server said when it refused something: RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3, and
// Microsoft's additions. Invariant: nothing in it holds a secret that was sent; all of it is still the server's word.
import { AuthorizationResponseError, ResponseBodyError, WWWAuthenticateChallengeError } from "openid-client";
import { withhold } from "../../errors/withhold.ts";

export interface ServerError {
  readonly error: string;
  readonly description: string | undefined;
  /** Google's `error_subtype`. */
  readonly subtype: string | undefined;
  /** The HTTP status; undefined where the error came by way of the browser. */
  readonly status: number | undefined;
  /** Microsoft's AADSTS numbers, without the prefix. */
  readonly numbers: readonly number[];
  /** What Microsoft finds the request by. */
  readonly traceId: string | undefined;
  readonly correlationId: string | undefined;
  /** What the next authorization request should hold: a JSON object as text. */
  readonly claims: string | undefined;
  /** Milliseconds that the server asks to wait. */
  readonly retryAfter: number | undefined;
}

const LONGEST_CLAIMS = 4096;

/** @param secrets what was sent, and may come back as an echo */
export function readServerError(thrown: unknown, secrets: readonly string[]): ServerError | undefined {
  if (thrown instanceof AuthorizationResponseError) {
    return serverError(Object.fromEntries(thrown.cause), secrets);
  }
  if (thrown instanceof ResponseBodyError) return serverError(thrown.cause, secrets, thrown.response);
  if (thrown instanceof WWWAuthenticateChallengeError) {
    const challenge = thrown.cause.find(({ parameters }) => typeof parameters.error === "string");
    return serverError({ ...challenge?.parameters }, secrets, thrown.response);
  }
  return undefined;
}

function serverError(
  fields: Readonly<Record<string, unknown>>,
  secrets: readonly string[],
  response?: Response,
): ServerError {
  const text = (name: string): string | undefined => {
    const value = fields[name];
    return typeof value === "string" && value !== "" ? withhold(value, ...secrets) : undefined;
  };
  const description = text("error_description");
  return {
    error: text("error") ?? `status ${response?.status}`,
    description,
    subtype: text("error_subtype"),
    status: response?.status,
    numbers: numbersIn(fields.error_codes, description),
    traceId: identifier(text("trace_id")) ?? identifierAfter("Trace ID", description),
    correlationId: identifier(text("correlation_id")) ?? identifierAfter("Correlation ID", description),
    claims: claimsIn(text("claims")),
    retryAfter: retryAfterOf(response),
  };
}

/** `error_codes`, or the number that the description begins with where there are none. */
function numbersIn(errorCodes: unknown, description: string | undefined): number[] {
  const given = Array.isArray(errorCodes) ? errorCodes.filter((one) => Number.isInteger(one)) : [];
  if (given.length > 0) return given;
  return [...(description ?? "").matchAll(/AADSTS(\d{4,9})/g)].map(([, digits]) => Number(digits));
}

const IDENTIFIER = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function identifier(text: string | undefined): string | undefined {
  return text !== undefined && IDENTIFIER.test(text) ? text : undefined;
}

function identifierAfter(label: string, description: string | undefined): string | undefined {
  return identifier(new RegExp(`${label}: ([0-9a-f-]{36})`, "i").exec(description ?? "")?.[1]);
}

function claimsIn(text: string | undefined): string | undefined {
  if (text === undefined || text.length > LONGEST_CLAIMS || !/^\{[\x20-\x7e]*\}$/.test(text))
    return undefined;
  try {
    JSON.parse(text);
    return text;
  } catch {
    return undefined;
  }
}

/** RFC 9110 §10.2.3 in seconds; the date form is rare here and not worth trusting a clock for. */
export function retryAfterOf(response: unknown): number | undefined {
  if (!(response instanceof Response)) return undefined;
  const header = response.headers.get("retry-after");
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : undefined;
}

/** What was said, in one line for the log and the person: the error, its first sentence, and what Microsoft finds it by. */
export function describeServerError(said: ServerError): string {
  const { error, description = "", traceId, correlationId } = said;
  const [sentence = ""] = description.split(/(?:Trace ID|Correlation ID|Timestamp):/i);
  const words = [...sentence.trim()].slice(0, 160).join("");
  const found = [
    ...(traceId === undefined ? [] : [`trace id ${traceId}`]),
    ...(correlationId === undefined ? [] : [`correlation id ${correlationId}`]),
  ].join(", ");
  return [error, ...(words === "" ? [] : [`: ${words}`]), ...(found === "" ? [] : [` (${found})`])].join("");
}
