// What every access token must look like before it is kept or goes on a wire (RFC 6750 §2.1; threats.md F3).

/** What fits, as base64, into the 12,288 octets of an AUTH line (RFC 4954 §4), with room for the message around it. */
const LONGEST = 9000;

/** Why a token cannot be used, in a few words without the token; undefined for one that can. */
export function flawOfBearerToken(text: string): string | undefined {
  if (!/^[\x21-\x7e]+$/.test(text)) return "it has characters that no token may have";
  return text.length > LONGEST ? `it has ${text.length} characters` : undefined;
}
