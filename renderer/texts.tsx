// The words of the window in the person's language. Invariant: only keys of the message files can be asked for.
import { type ReactNode, useEffect, useMemo } from "react";
import { IntlProvider, useIntl } from "react-intl";
import { en, type MessageKey } from "../src/messages/en.ts";
import { failureText } from "../src/messages/failures.ts";
import { ja } from "../src/messages/ja.ts";
import { chooseLanguage, type Language } from "../src/messages/language.ts";
import { clockTime, exactTime, formatOctets, relativeTime } from "./format.ts";
import type { Texts } from "./speech.ts";
import { knownOf } from "./state/reduce.ts";
import { useWindowState } from "./state/window-state.tsx";

const WORDS: Readonly<Record<Language, Readonly<Record<MessageKey, string>>>> = { en, ja };

export function TextsProvider({ children }: { readonly children: ReactNode }) {
  const setting = knownOf(useWindowState())?.settings.language ?? "system";
  const language = chooseLanguage(setting, navigator.languages);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return (
    <IntlProvider locale={language} messages={WORDS[language]}>
      {children}
    </IntlProvider>
  );
}

export function useTexts(): Texts {
  const intl = useIntl();
  return useMemo((): Texts => {
    const language: Language = intl.locale === "ja" ? "ja" : "en";
    const t: Texts["t"] = (key, values) => intl.formatMessage({ id: key }, values);
    return {
      language,
      t,
      failure: ({ code, sentence, action }) =>
        failureText(code, language) ?? { say: sentence, do: action ?? "" },
      relative: (at, now) => relativeTime(at, now, language) ?? t(at > now ? "time.soon" : "time.moment-ago"),
      exact: (at) => exactTime(at, language),
      clock: (at) => clockTime(at, language),
      octets: (octets) => formatOctets(octets, language),
    };
  }, [intl]);
}
