// The tray's words in the person's language (pure). Invariant: an unknown language is English; nothing shown has braces left.
import { type TrayMessageId, trayEn } from "../src/messages/tray-en.ts";
import { trayJa } from "../src/messages/tray-ja.ts";

export type Words = (id: TrayMessageId, values?: Readonly<Record<string, string | number>>) => string;

/**
 * @param setting a person's choice
 * @param systemLocale "ja-JP", "en"
 */
export function wordsIn(setting: "system" | "en" | "ja", systemLocale: string): Words {
  const language = setting === "system" ? systemLocale.slice(0, 2).toLowerCase() : setting;
  const messages: Readonly<Record<TrayMessageId, string>> = language === "ja" ? trayJa : trayEn;
  return (id, values = {}) =>
    messages[id].replaceAll(/\{([a-z]+)\}/g, (_braces, name: string) => String(values[name] ?? ""));
}
