// How a person names a provider: by its id, by a mail domain of it, or by an address.
import { findByDomain } from "../provider/match.ts";
import type { ProviderPreset } from "../provider/preset.ts";
import { findPreset, presets } from "../provider/table.ts";
import { wrongUsage } from "./output.ts";

/** @throws PosternError `request-invalid` */
export function presetNamed(word: string): ProviderPreset {
  const preset = findPreset(word.toLowerCase()) ?? findByDomain(word.slice(word.lastIndexOf("@") + 1));
  if (preset !== undefined) return preset;
  const similar = presets
    .filter(({ id, name }) => `${id} ${name}`.toLowerCase().includes(word.toLowerCase()))
    .map(({ id }) => id);
  const hint = similar.length === 0 ? "" : `; perhaps ${similar.slice(0, 5).join(", ")}`;
  throw wrongUsage(`there is no provider "${word}"${hint}. All of them: postern provider list`);
}
