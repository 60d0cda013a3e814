// Judges the address that a device authorization response wants a person to open (RFC 8628 §3.2; threats.md G3).
// Invariant: what is returned is https, has no user name in it, and lies on a host that belongs to the authorization
// server or that a person agreed to.
import type { ServerMetadata } from "openid-client";
import { PosternError } from "../../errors/postern-error.ts";
import { isMicrosoft } from "./flow-order.ts";
import { isGoogle } from "./google-errors.ts";

const LONGEST = 2048;

/** Where Microsoft's clouds send people to type their code. */
const MICROSOFT_COMPANIONS = ["microsoft.com", "www.microsoft.com", "login.microsoft.com", "aka.ms"];
const GOOGLE_COMPANIONS = ["google.com", "www.google.com"];

export interface VerificationHosts {
  /** As the account names it, an https URL. */
  readonly issuer: string;
  readonly metadata: ServerMetadata;
  /** Host names or addresses that the account names, or a person has agreed to. */
  readonly agreed: readonly string[];
}

/**
 * The address in its normal form: what was judged is what will be opened.
 * @throws PosternError `device-address-refused`, naming the host where there is one
 */
export function requireVerificationAddress(address: string, hosts: VerificationHosts): string {
  const url = webAddress(address);
  if (url === undefined) {
    throw new PosternError("device-address-refused", { detail: "it is not a plain https address" });
  }
  const host = hostOf(url);
  if (!isKnown(host, hosts)) {
    throw new PosternError("device-address-refused", { detail: `it is on ${host}`, values: { HOST: host } });
  }
  return url.href;
}

/** `complete` in its normal form where it leads to the same host as `address`; undefined otherwise (RFC 8628 §3.3.1). */
export function completeAddress(complete: string | undefined, address: string): string | undefined {
  const url = complete === undefined ? undefined : webAddress(complete);
  return url?.host === new URL(address).host ? url.href : undefined;
}

function webAddress(address: string): URL | undefined {
  if (address.length > LONGEST || !/^[\x21-\x7e]+$/.test(address) || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (url.protocol !== "https:" || url.username !== "" || url.password !== "") return undefined;
  return url.href.length > LONGEST ? undefined : url;
}

/** Without the port: all of a host's ports are in the same hands. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}

function isKnown(host: string, { issuer, metadata, agreed }: VerificationHosts): boolean {
  return (
    agreed.some((name) => name.toLowerCase() === host) ||
    host === hostOf(new URL(issuer)) ||
    ownHosts(metadata).has(host) ||
    companionsOf(issuer).includes(host)
  );
}

/** The hosts of all endpoints that the metadata names (RFC 8414 §2). */
function ownHosts(metadata: ServerMetadata): ReadonlySet<string> {
  const endpoints = Object.entries(metadata).filter(([name]) => name.endsWith("_endpoint"));
  return new Set(
    endpoints.flatMap(([, address]) =>
      typeof address === "string" && URL.canParse(address) ? [hostOf(new URL(address))] : [],
    ),
  );
}

function companionsOf(issuer: string): readonly string[] {
  if (isMicrosoft(issuer)) return MICROSOFT_COMPANIONS;
  return isGoogle(issuer) ? GOOGLE_COMPANIONS : [];
}
