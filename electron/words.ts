// The tray's words in the person's language (pure). Invariant: an unknown language is English; nothing shown has braces left.
import { failureText } from "../src/messages/failures.ts";
import { chooseLanguage } from "../src/messages/language.ts";
import { type TrayMessageId, trayEn } from "../src/messages/tray-en.ts";
import { trayJa } from "../src/messages/tray-ja.ts";

export interface Words {
  (id: TrayMessageId, values?: Readonly<Record<string, string | number>>): string;
  /** What a failure is called; the daemon's own sentence where its code is unknown here. */
  failure(code: string | undefined, sentence: string): string;
}

/**
 * @param setting a person's choice
 * @param systemLocale "ja-JP", "en"
 */
export function wordsIn(setting: "system" | "en" | "ja", systemLocale: string): Words {
  const language = chooseLanguage(setting, [systemLocale]);
  const messages: Readonly<Record<TrayMessageId, string>> = language === "ja" ? trayJa : trayEn;
  const words = (id: TrayMessageId, values: Readonly<Record<string, string | number>> = {}): string =>
    messages[id].replaceAll(/\{([a-z]+)\}/g, (_braces, name: string) => String(values[name] ?? ""));
  return Object.assign(words, {
    failure: (code: string | undefined, sentence: string) =>
      (code === undefined ? undefined : failureText(code, language)?.say) ?? sentence,
  });
}
