// An authorization server's refusal, as it concerns a client that was just registered. Pure. Invariant: a secret that the
// server repeats is in no sentence.
import type { ErrorCode } from "../errors/catalogue.ts";
import { withhold } from "../errors/withhold.ts";
import { explainServerError, isPassingStatus } from "../oauth/client/explain-server-error.ts";
import { describeServerError, type ServerError } from "../oauth/client/server-error.ts";
import { type CheckOutcome, type ClientOnTrial, failed, unclear } from "./client-check.ts";

/** As an authorization server words it, however it came. */
export interface Refusal {
  readonly error: string;
  readonly description?: string | undefined;
  readonly status?: number | undefined;
}

/** "This client id is unknown", in each server's words. */
const UNKNOWN_CLIENT = new Set([
  "invalid_client",
  "unauthorized_client",
  "deleted_client",
  "disabled_client",
]);
/** Microsoft: the app is not in this directory; the directory does not exist. */
const UNKNOWN_APP = 700016;
const UNKNOWN_TENANT = 90002;
/** Microsoft: a secret is wanted, is unwanted, or is wrong. The catalogue knows what to do. */
const ABOUT_SECRETS = [7000218, 700025, 7000215, 7000222];

export function explainRefusal(refusal: Refusal, client: ClientOnTrial): CheckOutcome {
  const { secrets, settings } = aboutClient(client);
  const said = toServerError(refusal, secrets);
  const words = describeServerError(said);
  const host = new URL(client.endpoints.authorization).host;
  if (isPassingStatus(refusal.status ?? 400) || PASSING.has(refusal.error)) {
    return unclear(`${host} cannot say at the moment: ${words}`);
  }
  if (said.numbers.includes(UNKNOWN_TENANT)) {
    return failed(`There is no such tenant: ${words}`, "Copy the tenant again from the app's overview page.");
  }
  const isAboutSecret = said.numbers.some((number) => ABOUT_SECRETS.includes(number));
  if (!isAboutSecret && (UNKNOWN_CLIENT.has(refusal.error) || said.numbers.includes(UNKNOWN_APP))) {
    const what = client.clientSecret === undefined ? "this client id" : "this client id with this secret";
    return failed(
      `${host} does not know ${what}: ${words}`,
      "Compare it, to its last character, with the page where you copied it. A new one may take some minutes to be known.",
    );
  }
  const error = explainServerError(said, "authorization", { settings, secrets });
  return failed(error.message, ACTIONS[error.code]?.(client) ?? error.action);
}

/** What to do while registering; the catalogue speaks to somebody who has an account already. */
const ACTIONS: Readonly<Partial<Record<ErrorCode, (client: ClientOnTrial) => string>>> = {
  "redirect-uri-mismatch": ({ redirectUri }) =>
    `Register exactly this redirect address, for a desktop app: ${redirectUri}`,
  "scope-refused": ({ scope }) => `Let the app ask for exactly these permissions: ${scope}`,
  "public-client-flows-off": () =>
    "On the app's page, under Authentication, set 'Allow public client flows' to Yes, and save.",
  "client-secret-unwanted": () => "This app has no secret: begin again without one, with --restart.",
  "client-secret-wrong": () =>
    "Copy the secret itself, not its id, and give it again: --client-secret-file FILE",
  "wrong-tenant-endpoint": () =>
    "Name your organisation's tenant, which stands on the app's overview page: --tenant TENANT",
};

const PASSING = new Set(["temporarily_unavailable", "server_error", "slow_down"]);

/** Whether Microsoft has said something that the catalogue can explain, beside `error`. */
export function numbersIn(description = ""): number[] {
  return [...description.matchAll(/AADSTS(\d{4,9})/g)].map(([, digits]) => Number(digits));
}

function toServerError({ error, description, status }: Refusal, secrets: readonly string[]): ServerError {
  return {
    error: withhold(error, ...secrets),
    description: description === undefined ? undefined : withhold(description, ...secrets),
    subtype: undefined,
    status,
    numbers: numbersIn(description),
    traceId: undefined,
    correlationId: undefined,
    claims: undefined,
    retryAfter: undefined,
  };
}

function aboutClient({ issuer, endpoints, clientId, clientSecret, scope, redirectUri }: ClientOnTrial) {
  return {
    secrets: clientSecret === undefined ? [] : [clientSecret.reveal()],
    settings: { issuer, endpoints, clientId, clientSecret, scope, redirectUri },
  };
}
