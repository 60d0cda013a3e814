// What connections and happenings are called, in both languages.
import { createIntl } from "react-intl";
import { expect, test } from "vitest";
import { happenedTitle, programOf } from "../../../renderer/screens/activity/words.ts";
import { en, type MessageKey } from "../../../src/messages/en.ts";
import { ja } from "../../../src/messages/ja.ts";
import { activity, connection } from "./snapshot.ts";

type Values = Readonly<Record<string, string | number>>;
const words = (locale: "en" | "ja") => {
  const intl = createIntl({ locale, messages: locale === "en" ? en : ja });
  return { t: (key: MessageKey, values?: Values) => intl.formatMessage({ id: key }, values) };
};

test.each([
  [{ passwordName: "Kitchen tablet", program: "Thunderbird 140" }, "Kitchen tablet"],
  [{ program: "Thunderbird 140" }, "Thunderbird 140"],
  [{}, "A mail program"],
  [{ passwordName: "account test" }, "Postern’s own check"],
])("a connection that says %j is called %s", (facts, name) => {
  expect(programOf(connection("1", facts), words("en"))).toBe(name);
});

test("a refused login names whom it claimed to be, since nobody knows what it was", () => {
  expect(happenedTitle(activity(1, { what: "login-refused", userName: "alcie" }), words("en"))).toBe(
    "A login as alcie was refused",
  );
  const known = activity(1, { what: "login-refused", account: "alice@example.org" });
  expect(happenedTitle(known, words("en"))).toBe("A login as alice@example.org was refused");
});

test("what a program did is told by the name of its local password", () => {
  const happened = activity(1, {
    what: "logged-in",
    account: "alice@example.org",
    passwordName: "Thunderbird",
  });
  expect(happenedTitle(happened, words("en"))).toBe("Thunderbird logged in");
  expect(happenedTitle(happened, words("ja"))).toBe("Thunderbird がログインしました");
});
