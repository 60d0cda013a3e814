// The words for a failure, by its code, in a language.
import type { ErrorCode } from "../errors/catalogue.ts";
import type { FailureText } from "./failure-text.ts";
import { failuresEn } from "./failures-en.ts";
import { failuresJa } from "./failures-ja.ts";
import type { Language } from "./language.ts";

export type FailureCode = ErrorCode;

export const FAILURES: Readonly<Record<Language, Readonly<Record<FailureCode, FailureText>>>> = {
  en: failuresEn,
  ja: failuresJa,
};

export function isFailureCode(code: string): code is FailureCode {
  return Object.hasOwn(failuresEn, code);
}

/** Undefined for a code that another version of Postern has: then its own sentence must do. */
export function failureText(code: string, language: Language): FailureText | undefined {
  return isFailureCode(code) ? FAILURES[language][code] : undefined;
}
