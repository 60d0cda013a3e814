// The last look at an access token before it goes on a wire.
import { PosternError } from "../../errors/postern-error.ts";
import { flawOfBearerToken } from "../../secret/bearer-token.ts";
import type { AccessToken } from "../../secret/secret.ts";

/**
 * The token's text.
 * @throws PosternError `access-token-unusable` when it has characters that would break out of its field, or is too long.
 */
export function revealBearerToken(token: AccessToken): string {
  const text = token.reveal();
  const flaw = flawOfBearerToken(text);
  if (flaw !== undefined) throw new PosternError("access-token-unusable", { detail: flaw });
  return text;
}
