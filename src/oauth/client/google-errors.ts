// What Google means by its errors, where it says more than RFC 6749 does (oauth.md §3 and §7).
import type { ErrorCode } from "../../errors/catalogue.ts";
import type { ServerError } from "./server-error.ts";

/** @param issuer an https URL */
export function isGoogle(issuer: string): boolean {
  return new URL(issuer).hostname === "accounts.google.com";
}

const BY_ERROR: ReadonlyMap<string, ErrorCode> = new Map([
  ["deleted_client", "google-client-deleted"],
  ["admin_policy_enforced", "google-admin-blocks"],
  ["org_internal", "google-client-internal"],
  ["disallowed_useragent", "browser-not-accepted"],
]);

/** Undefined where `error` says it all. */
export function googleHelp(said: ServerError): ErrorCode | undefined {
  const { error, description = "", subtype } = said;
  if (error !== "invalid_grant") return BY_ERROR.get(error);
  if (subtype === "invalid_rapt" || description.includes("invalid_rapt")) return "google-reauthentication";
  return /expired or revoked/i.test(description) ? "google-sign-in-revoked" : undefined;
}

const DAY = 86_400_000;

/**
 * Why a sign-in that lasted so long has ended, where its age tells: a project in Testing gives seven days, and half a
 * year without use is too long.
 * @param age milliseconds
 */
export function reasonByAge(age: number): ErrorCode | undefined {
  if (age >= 6.5 * DAY && age <= 8 * DAY) return "google-testing-expiry";
  return age >= 175 * DAY ? "google-sign-in-unused" : undefined;
}
