// What the token endpoint's answer to a made-up code says about the client (RFC 6749 §5.2). Pure.
import { isPassingStatus } from "../oauth/client/explain-server-error.ts";
import { type CheckOutcome, type ClientOnTrial, failed, passed, unclear } from "./client-check.ts";
import { explainRefusal, numbersIn } from "./refusal.ts";

export interface TokenAnswer {
  readonly status: number;
  readonly body: string;
}

/** Microsoft says so before it has looked at the client. */
const MALFORMED = [9002313, 90014, 900144];
/** Errors about what was sent, which is not what a person has registered. */
const SAYS_NOTHING = new Set(["invalid_request", "unsupported_grant_type"]);

/** Whether it is an answer of a working server, whatever it says. */
export function isAnswered({ status }: TokenAnswer): boolean {
  return !isPassingStatus(status);
}

/** @param expected the error of a server that knows the client and refuses what was made up */
export function readTokenAnswer(
  answer: TokenAnswer,
  client: ClientOnTrial,
  expected: "invalid_grant" | "authorization_pending",
): CheckOutcome {
  const { status, body } = answer;
  const { host } = new URL(client.endpoints.token);
  const json = parseObject(body);
  const error = textIn(json?.error);
  if (error === undefined) {
    return json !== undefined && "access_token" in json
      ? failed(`${host} gives tokens for a code that was made up.`, "Do not sign in there.")
      : unclear(`${host} answers with status ${status}, and not in the form of OAuth.`);
  }
  const description = textIn(json?.error_description);
  const numbers = numbersIn(description);
  const isMalformed = numbers.some((number) => MALFORMED.includes(number));
  if (error === expected && !isMalformed) return passed(`${host} knows the client id.`);
  // Known only if nothing else is said: these are errors about our made-up request.
  if (isMalformed || (SAYS_NOTHING.has(error) && numbers.length === 0)) {
    return unclear(`${host} does not say whether it knows the client id.`);
  }
  return explainRefusal({ error, description, status }, client);
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null
      ? (json as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

function textIn(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
