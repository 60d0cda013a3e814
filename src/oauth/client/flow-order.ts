// Which ways of signing in suit a provider and the place where the person sits, best first.
// Invariant: `paste` works everywhere, so the order is never empty.
import { isGoogle } from "./google-errors.ts";

/** The ways that end at this authorization server; `import` takes no sign-in at all. */
export type Flow = "loopback" | "paste" | "device";

/** Microsoft's sign-in in its clouds (providers.md §1): worldwide, US government, China under its two names. */
const MICROSOFT_HOSTS: ReadonlySet<string> = new Set([
  "login.microsoftonline.com",
  "login.microsoftonline.us",
  "login.partner.microsoftonline.cn",
  "login.chinacloudapi.cn",
]);

/** @param issuer an https URL */
export function isMicrosoft(issuer: string): boolean {
  return MICROSOFT_HOSTS.has(new URL(issuer).hostname);
}

/**
 * @param place.browserHere whether a browser can be opened where the person is
 * @param place.offersDevice whether the metadata names a device authorization endpoint (RFC 8628 §4)
 * @param place.redirectUri as registered; nobody can listen at an https one
 */
export function orderFlows(place: {
  readonly issuer: string;
  readonly browserHere: boolean;
  readonly offersDevice: boolean;
  readonly redirectUri: string;
}): Flow[] {
  const loopback: Flow[] = new URL(place.redirectUri).protocol === "http:" ? ["loopback"] : [];
  // Google's device flow takes few scopes, and mail is none of them (providers.md §1).
  const device: Flow[] = place.offersDevice && !isGoogle(place.issuer) ? ["device"] : [];
  // Many organisations at Microsoft block the device flow; and where there is a browser it only adds steps.
  return place.browserHere || isMicrosoft(place.issuer)
    ? [...loopback, "paste", ...device]
    : [...device, ...loopback, "paste"];
}
