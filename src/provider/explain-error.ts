// What a provider's own words mean there, where the general explanation would miss it. Pure. Invariant: what may pass by
// itself, and what a mail program is told, stays as it was unless the preset names another failure of the catalogue.
import { PosternError } from "../errors/postern-error.ts";
import type { ProviderError } from "./preset.ts";
import { findPreset } from "./table.ts";

/** @param provider a preset's id, if the account has one */
export function explainByProvider(
  provider: string | undefined,
  where: ProviderError["where"],
  error: PosternError,
): PosternError {
  const said = error.detail?.toLowerCase();
  if (provider === undefined || said === undefined) return error;
  const meant = findPreset(provider)?.errors.find(
    (one) => one.where === where && said.includes(one.says.toLowerCase()),
  );
  if (meant === undefined) return error;
  const context = {
    ...(error.detail === undefined ? {} : { detail: error.detail }),
    ...(error.retryAfter === undefined ? {} : { retryAfter: error.retryAfter }),
    ...(error.upstreamText === undefined ? {} : { upstreamText: error.upstreamText }),
    refusesGrant: error.refusesGrant,
  };
  if ("code" in meant) return new PosternError(meant.code, context);
  const { sentence, action } = meant;
  return new PosternError(error.code, { ...context, told: { sentence, action } });
}
