// What every access token must look like before it goes on a wire (RFC 6750 §2.1; threats.md F3).
import { PosternError } from "../../errors/postern-error.ts";
import type { AccessToken } from "../../secret/secret.ts";

const LONGEST = 9000;

/**
 * The token's text.
 * @throws PosternError `access-token-unusable` when it has characters that would break out of its field, or is too long.
 */
export function revealBearerToken(token: AccessToken): string {
  const text = token.reveal();
  if (!/^[\x21-\x7e]+$/.test(text)) {
    throw new PosternError("access-token-unusable", { detail: "it has characters that no token may have" });
  }
  if (text.length > LONGEST) {
    throw new PosternError("access-token-unusable", { detail: `it has ${text.length} characters` });
  }
  return text;
}
