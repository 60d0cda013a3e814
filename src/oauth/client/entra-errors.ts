// Microsoft's AADSTS numbers as failures of the catalogue (oauth.md §3). Microsoft may change them, so they only choose
// the help text: whether a refusal passes, and whether the grant itself was refused, is for `error` and status to say,
// except where a number stands for the service, a policy or the person's account, and so says nothing about the grant.
import type { ErrorCode } from "../../errors/catalogue.ts";

export interface EntraHelp {
  readonly code: ErrorCode;
  /** Whether the text fits only where `error` refuses the grant; otherwise `error` alone decides. */
  readonly onlyForGrants: boolean;
  /** False where the same refresh token works again once the policy, the account or the pause is over. */
  readonly refusesGrant: boolean;
  /** Milliseconds between two tries. */
  readonly retryAfter: number | undefined;
}

/** Long enough to bother nobody, short enough that mail comes back by itself. */
const SELDOM = 300_000;

const grant = (code: ErrorCode): EntraHelp => ({
  code,
  onlyForGrants: true,
  refusesGrant: true,
  retryAfter: undefined,
});
const request = (code: ErrorCode): EntraHelp => ({ ...grant(code), onlyForGrants: false });
const circumstance = (code: ErrorCode): EntraHelp => ({
  code,
  onlyForGrants: false,
  refusesGrant: false,
  retryAfter: SELDOM,
});

const ROWS: readonly (readonly [EntraHelp, ...number[]])[] = [
  [grant("sign-in-unused"), 700082, 70008],
  [grant("sign-in-for-web-pages"), 700084],
  [grant("sign-in-frequency"), 70043],
  [grant("sign-in-password-changed"), 50173, 50132, 50133],
  [grant("sign-in-second-check"), 50076, 50079, 50074, 50072, 50078],
  [grant("sign-in-session-lost"), 700005, 50058, 50089],
  [grant("sign-in-code-spent"), 54005, 501481],
  [request("consent-missing"), 65001, 65004],
  [request("account-not-here"), 50034, 50020, 51004, 90072, 16000],
  [circumstance("conditional-access-blocked"), 53003, 530032, 50131, 53000, 53001, 53002, 530035],
  [circumstance("admin-approval-needed"), 90094, 90095, 50105, 7000112, 700016, 1000031],
  [circumstance("account-locked"), 50053, 50057],
  [circumstance("request-loop"), 50196],
  [request("public-client-flows-off"), 7000218],
  [request("client-secret-unwanted"), 700025],
  [request("client-secret-wrong"), 7000215, 7000222, 700027, 50012],
  [request("redirect-for-web-pages"), 9002327],
  [request("redirect-uri-mismatch"), 50011, 900971],
  [request("request-malformed"), 90023, 9002313, 900144, 90014],
  [request("wrong-tenant-endpoint"), 50194, 9001023, 9002332, 9002331, 90124, 90130],
  [request("scope-refused"), 70011, 28002, 28003, 650056, 650057, 700022],
  [request("device-code-pending"), 70016],
  [request("device-code-wrong"), 70018],
  [request("device-code-expired"), 70019],
  [request("device-code-used"), 90120],
];

const HELP: ReadonlyMap<number, EntraHelp> = new Map(
  ROWS.flatMap(([help, ...numbers]) => numbers.map((number) => [number, help] as const)),
);

/** Retryable, timeout and throttling errors of Microsoft's own services. */
const PASSING: ReadonlySet<number> = new Set([50033, 50087, 50088, 90006, 90012, 90024, 90033, 90055, 90090]);

/** Whether one of the numbers says that the service failed and may be asked again. */
export function isPassingAtEntra(numbers: readonly number[]): boolean {
  return numbers.some((number) => PASSING.has(number));
}

/** The help for the first number that there is any for. */
export function entraHelp(numbers: readonly number[], isGrantRefused: boolean): EntraHelp | undefined {
  return numbers
    .map((number) => HELP.get(number))
    .find((help) => help !== undefined && (isGrantRefused || !help.onlyForGrants));
}

/** The issuer that an app needs which Microsoft does not serve at this one, in words where the tenant is not known. */
export function fittingIssuer(issuer: string, numbers: readonly number[]): string {
  const { origin } = new URL(issuer);
  if (numbers.includes(50194)) {
    return `${origin}/TENANT/v2.0, where TENANT is the 'Directory (tenant) ID' on the app's overview page in Entra`;
  }
  return `${origin}/${numbers.includes(9002331) ? "consumers" : "organizations"}/v2.0`;
}

/**
 * How long a sign-in lasts by the organisation's rule (AADSTS70043), to stand behind "every".
 * @param description Microsoft's words, which name it in seconds
 */
export function signInPeriod(description = ""): string {
  const seconds = Number(/lifetime for this request is (\d{1,9})\b/.exec(description)?.[1] ?? 0);
  const hours = seconds / 3600;
  if (hours < 1) return "so often";
  return hours < 48 ? plural(Math.round(hours), "hour") : plural(Math.round(hours / 24), "day");
}

function plural(count: number, unit: string): string {
  return count === 1 ? unit : `${count} ${unit}s`;
}
