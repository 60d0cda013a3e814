// Every way in which Microsoft and Google refuse a sign-in (shared/facts/oauth.md §3), and what a person is told then.
import type { ErrorCode } from "../../src/errors/catalogue.ts";
import { CORRELATION_ID, TRACE_ID } from "./hostile-fetch.ts";

export interface Refusal {
  readonly code: ErrorCode;
  /** The `error` beside the number. */
  readonly error: string;
  /** Each of them alone leads to the code. */
  readonly numbers: readonly number[];
  /** With all words in capitals filled in, but EMAIL. */
  readonly action: string;
  readonly refusesGrant: boolean;
  readonly retryAfter?: number;
}

const CLIENT_ID = "11112222-3333-4444-5555-666677778888";
const CONSENT_URL =
  "https://login.microsoftonline.com/organizations/v2.0/adminconsent?client_id=11112222-3333-4444-5555-666677778888&scope=https%3A%2F%2Foutlook.office.com%2FIMAP.AccessAsUser.All+offline_access&redirect_uri=http%3A%2F%2Flocalhost%2Fcallback";

/** As answers to a refresh, with the settings of `settingsAt`. */
export const ENTRA_REFUSALS: readonly Refusal[] = [
  {
    code: "sign-in-unused",
    error: "invalid_grant",
    numbers: [700082, 70008],
    action: "Sign in again: postern login EMAIL. While Postern runs, it keeps the sign-in in use.",
    refusesGrant: true,
  },
  {
    code: "sign-in-for-web-pages",
    error: "invalid_grant",
    numbers: [700084],
    action: `Have the app ${CLIENT_ID} registered as a desktop app: in Entra, under Authentication, take http://localhost/callback out of 'Single-page application' and put it under 'Mobile and desktop applications'. Then sign in again: postern login EMAIL`,
    refusesGrant: true,
  },
  {
    code: "sign-in-frequency",
    error: "invalid_grant",
    numbers: [70043],
    action:
      "Sign in again: postern login EMAIL. Your organisation wants this every so often, and only it can change that.",
    refusesGrant: true,
  },
  {
    code: "sign-in-password-changed",
    error: "invalid_grant",
    numbers: [50173, 50132, 50133],
    action: "Sign in again: postern login EMAIL",
    refusesGrant: true,
  },
  {
    code: "sign-in-second-check",
    error: "interaction_required",
    numbers: [50076, 50079, 50074, 50072, 50078],
    action: "Sign in again and go through it in the browser: postern login EMAIL",
    refusesGrant: true,
  },
  {
    code: "conditional-access-blocked",
    error: "invalid_grant",
    numbers: [53003, 530032, 50131, 53000, 53001, 53002, 530035],
    action: `Send the details to your IT department: trace id ${TRACE_ID}, correlation id ${CORRELATION_ID}. Postern keeps the sign-in and asks again every five minutes, so mail comes back by itself when the block is lifted.`,
    refusesGrant: false,
    retryAfter: 300_000,
  },
  {
    code: "consent-missing",
    error: "invalid_grant",
    numbers: [65001, 65004],
    action: `Sign in again and agree: postern login EMAIL. If only an administrator may agree, send them this link: ${CONSENT_URL}`,
    refusesGrant: true,
  },
  {
    code: "admin-approval-needed",
    error: "invalid_grant",
    numbers: [90094, 90095, 50105, 7000112, 700016, 1000031],
    action: `Send them this link, with which an administrator allows it: ${CONSENT_URL}. Then sign in again: postern login EMAIL`,
    refusesGrant: false,
    retryAfter: 300_000,
  },
  {
    code: "public-client-flows-off",
    error: "invalid_client",
    numbers: [7000218],
    action: `In Entra, for the app ${CLIENT_ID}, under Authentication, set 'Allow public client flows' to Yes. Or add the account again with the app's secret: --client-secret-file FILE`,
    refusesGrant: false,
  },
  {
    code: "client-secret-unwanted",
    error: "invalid_client",
    numbers: [700025],
    action: "Add the account again without --client-secret-file.",
    refusesGrant: false,
  },
  {
    code: "client-secret-wrong",
    error: "invalid_client",
    numbers: [7000215, 7000222, 700027, 50012],
    action: `Get a new one from whoever registered the app ${CLIENT_ID}, and add the account again with it: --client-secret-file FILE`,
    refusesGrant: false,
  },
  {
    code: "redirect-for-web-pages",
    error: "invalid_request",
    numbers: [9002327],
    action: `Have http://localhost/callback registered for the app ${CLIENT_ID} under 'Mobile and desktop applications', and taken out of 'Single-page application' and 'Web'.`,
    refusesGrant: false,
  },
  {
    code: "request-malformed",
    error: "invalid_request",
    numbers: [90023, 9002313, 900144, 90014],
    action:
      "Check the account's client id, scope and endpoints: postern account show EMAIL. If they are right, report the detail to Postern's authors.",
    refusesGrant: false,
  },
  {
    code: "redirect-uri-mismatch",
    error: "invalid_request",
    numbers: [50011, 900971],
    action: `Have exactly this one registered for a desktop app, under the client id ${CLIENT_ID}: http://localhost/callback. If the provider compares ports too, register it with one, and add the account again with it: --redirect-uri`,
    refusesGrant: false,
  },
  {
    code: "wrong-tenant-endpoint",
    error: "invalid_request",
    numbers: [50194],
    action:
      "Add the account again with --issuer https://login.microsoftonline.com/TENANT/v2.0, where TENANT is the 'Directory (tenant) ID' on the app's overview page in Entra",
    refusesGrant: false,
  },
  {
    code: "wrong-tenant-endpoint",
    error: "invalid_request",
    numbers: [9001023, 9002332],
    action: "Add the account again with --issuer https://login.microsoftonline.com/organizations/v2.0",
    refusesGrant: false,
  },
  {
    code: "scope-refused",
    error: "invalid_scope",
    numbers: [70011, 28002, 28003, 650056, 650057, 700022],
    action:
      "The scope is: https://outlook.office.com/IMAP.AccessAsUser.All offline_access. Check it with the provider, and that the app may ask for it. At Microsoft all of it must belong to one resource, such as https://outlook.office.com/. Then add the account again with --scope.",
    refusesGrant: false,
  },
  {
    code: "account-not-here",
    error: "invalid_grant",
    numbers: [50034, 50020, 51004, 90072, 16000],
    action:
      "Sign in with another account: postern login EMAIL. If it is the right one, an administrator must add it as a guest.",
    refusesGrant: true,
  },
  {
    code: "request-loop",
    error: "invalid_grant",
    numbers: [50196],
    action:
      "Nothing: Postern waits for five minutes. If it comes back, report it to Postern's authors with the log.",
    refusesGrant: false,
    retryAfter: 300_000,
  },
  {
    code: "account-locked",
    error: "invalid_grant",
    numbers: [50053, 50057],
    action:
      "A lock after wrong passwords passes by itself; otherwise ask your IT department. Postern keeps the sign-in and asks again every five minutes.",
    refusesGrant: false,
    retryAfter: 300_000,
  },
  {
    code: "sign-in-session-lost",
    error: "invalid_grant",
    numbers: [700005, 50058, 50089],
    action: "Sign in again: postern login EMAIL",
    refusesGrant: true,
  },
];

/** Google's answers to a refresh. */
export const GOOGLE_REFUSALS: readonly (Omit<Refusal, "numbers" | "error"> & { readonly body: object })[] = [
  {
    code: "google-sign-in-revoked",
    body: { error: "invalid_grant", error_description: "Token has been expired or revoked." },
    action:
      "Sign in again: postern login EMAIL. If it happens every so often, ask whether your Workspace limits how long a sign-in lasts.",
    refusesGrant: true,
  },
  {
    code: "google-reauthentication",
    body: {
      error: "invalid_grant",
      error_description: "reauth related error (invalid_rapt)",
      error_uri: "https://support.google.com/a/answer/9368756",
      error_subtype: "invalid_rapt",
    },
    action:
      "Sign in again: postern login EMAIL. Your administrator can exempt the app: in the Admin console, under Security, Google Cloud session control.",
    refusesGrant: true,
  },
  {
    code: "google-client-deleted",
    body: { error: "deleted_client", error_description: "The OAuth client was deleted." },
    action:
      "Within 30 days its owner can restore it in the Google Cloud console, under Google Auth Platform, Clients. After that, make a new one and add the account again with it.",
    refusesGrant: false,
  },
  {
    code: "google-admin-blocks",
    body: { error: "admin_policy_enforced" },
    action: `Ask the administrator to trust the client id ${CLIENT_ID}: in the Admin console, under Security, Access and data control, API controls, Manage app access.`,
    refusesGrant: false,
  },
  {
    code: "google-client-internal",
    body: { error: "org_internal" },
    action:
      "Sign in with an account of that organisation, or make your own client id and add the account again with it.",
    refusesGrant: false,
  },
  {
    code: "browser-not-accepted",
    body: { error: "disallowed_useragent" },
    action: "Open the address in an ordinary browser, not in one that is part of another program.",
    refusesGrant: false,
  },
  {
    code: "redirect-uri-mismatch",
    body: { error: "redirect_uri_mismatch", error_description: "Bad Request" },
    action: `Have exactly this one registered for a desktop app, under the client id ${CLIENT_ID}: http://localhost/callback. If the provider compares ports too, register it with one, and add the account again with it: --redirect-uri`,
    refusesGrant: false,
  },
];
