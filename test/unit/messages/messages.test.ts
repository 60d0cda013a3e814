// The words of the window: both languages complete, well-formed, and plain.
import { createIntl } from "react-intl";
import { describe, expect, test } from "vitest";
import { catalogue } from "../../../src/errors/catalogue.ts";
import { en, type MessageKey } from "../../../src/messages/en.ts";
import { FAILURES, failureText, isFailureCode } from "../../../src/messages/failures.ts";
import { ja } from "../../../src/messages/ja.ts";
import { chooseLanguage } from "../../../src/messages/language.ts";

const KEYS = Object.keys(en) as MessageKey[];
const CODES = Object.keys(catalogue);
/** What a person need not know (window.md). */
const FORBIDDEN = /\btokens?\b|OAuth|SASL|\bupstream\b|\bdaemon\b|PKCE|トークン|デーモン|アップストリーム/i;
/** A line for a terminal. */
const COMMAND = /postern [a-z]+ |--[a-z]|POSTERN_|\$false|\$true/;
/** `{name}` and `{count, plural, …}`, not the words of a branch. */
const ARGUMENT = /\{(\w+)[,}]/g;

const argumentsOf = (text: string): string[] =>
  [...new Set([...text.matchAll(ARGUMENT)].map(([, name]) => name ?? ""))].sort();

describe.each([
  ["en", en],
  ["ja", ja],
] as const)("the messages in %s", (language, messages) => {
  test("are all there, and none is empty", () => {
    expect(Object.keys(messages).sort()).toEqual([...KEYS].sort());
    expect(KEYS.filter((key) => messages[key].trim() === "")).toEqual([]);
  });

  test("are well-formed, with the same values to fill in as in English", () => {
    const broken: string[] = [];
    const intl = createIntl({ locale: language, messages, onError: ({ message }) => broken.push(message) });
    for (const key of KEYS) {
      const names = argumentsOf(en[key]);
      intl.formatMessage({ id: key }, Object.fromEntries(names.map((name) => [name, 2])));
    }
    expect(broken).toEqual([]);
    expect(KEYS.filter((key) => argumentsOf(messages[key]).join() !== argumentsOf(en[key]).join())).toEqual(
      [],
    );
  });

  test("have none of the words that only experts know, outside of the technical details", () => {
    // What somebody brings along from another tool has that tool's name.
    const primary = KEYS.filter((key) => !/^details\.|^sign-in\.import-/.test(key));
    expect(primary.filter((key) => FORBIDDEN.test(messages[key]))).toEqual([]);
  });
});

test("one and many are told apart where the language does", () => {
  const say = (locale: "en" | "ja", seconds: number): string =>
    createIntl({ locale, messages: locale === "en" ? en : ja }).formatMessage(
      { id: "common.waited" },
      { seconds },
    );
  expect([say("en", 1), say("en", 2), say("ja", 1)]).toEqual(["1 second", "2 seconds", "1 秒"]);
});

describe.each(["en", "ja"] as const)("the words for failures in %s", (language) => {
  test("are there for every code, and for no other", () => {
    expect(Object.keys(FAILURES[language]).sort()).toEqual([...CODES].sort());
  });

  test.each(CODES)(
    "%s: what happened and what to do, as sentences, plain, without a command line",
    (code) => {
      const text = failureText(code, language);
      for (const sentence of [text?.say, text?.do]) {
        expect(sentence).toMatch(language === "en" ? /^[A-Z“].*[.)]$/ : /。$/);
        expect(sentence).not.toMatch(FORBIDDEN);
        expect(sentence).not.toMatch(COMMAND);
      }
    },
  );
});

test("Japanese is Japanese", () => {
  const kana = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u;
  expect(CODES.filter((code) => !kana.test(failureText(code, "ja")?.say ?? ""))).toEqual([]);
});

test("a code of another version has no words here", () => {
  expect(failureText("not-of-this-version", "en")).toBeUndefined();
  expect(isFailureCode("toString")).toBe(false);
});

test.each([
  ["system", ["ja-JP", "en"], "ja"],
  ["system", ["fr-FR", "en-GB"], "en"],
  ["system", ["fr", "JA"], "ja"],
  ["system", ["de"], "en"],
  ["system", [], "en"],
  ["en", ["ja"], "en"],
  ["ja", ["en"], "ja"],
] as const)("the setting %s on a system that speaks %j gives %s", (setting, wanted, language) => {
  expect(chooseLanguage(setting, wanted)).toBe(language);
});
