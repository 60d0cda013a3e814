// The words of the window in the person's language. Invariant: only keys of the message files can be asked for.
import { type ReactNode, useEffect, useMemo } from "react";
import { IntlProvider, useIntl } from "react-intl";
import type { Failure } from "../src/control/contract.ts";
import { en, type MessageKey } from "../src/messages/en.ts";
import type { FailureText } from "../src/messages/failure-text.ts";
import { failureText } from "../src/messages/failures.ts";
import { ja } from "../src/messages/ja.ts";
import { chooseLanguage, type Language } from "../src/messages/language.ts";
import { clockTime, exactTime, formatOctets, relativeTime } from "./format.ts";
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

export interface Texts {
  readonly language: Language;
  t(key: MessageKey, values?: Readonly<Record<string, string | number>>): string;
  /** What a failure or a status is called here; another version's code comes with its own sentence. */
  failure(
    failure: Pick<Failure, "code" | "sentence"> & { readonly action?: string | undefined },
  ): FailureText;
  /** "2 minutes ago", "in 3 hours". */
  relative(at: number, now: number): string;
  exact(at: number): string;
  clock(at: number): string;
  octets(octets: number): string;
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
