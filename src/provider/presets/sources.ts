// What several presets cite, and the one loopback address for providers that compare its port.

export const THUNDERBIRD = "Thunderbird OAuth2Providers.sys.mjs";
export const EMAIL_OAUTH2_PROXY = "email-oauth2-proxy emailproxy.config";
export const EMAILENGINE = "emailengine lib/oauth";
export const EVOLUTION = "evolution-data-server";
export const MUTT = "mutt_oauth2.py";

/** A file of Mozilla's database of mail providers, as of March 2026. */
export function ispdb(name: string): string {
  return `Mozilla ISPDB ${name}.xml`;
}

/** A list written as text, since it is long and each element is short. */
export function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

/**
 * For providers that compare the port of a loopback address, or are not known to ignore it. Below the ports that systems
 * hand out by themselves, so that it is rarely taken.
 */
export const FIXED_LOOPBACK = "http://localhost:28714/callback";
