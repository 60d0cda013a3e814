// What a connection and a happening are called. Pure, but for the language.
import type { Activity, Connection } from "../../../src/control/contract.ts";
import type { Texts } from "../../speech.ts";

/** The local password is named after the program; else what it calls itself. */
export function programOf({ passwordName, program }: Connection, { t }: Pick<Texts, "t">): string {
  if (passwordName !== undefined) return nameOf(passwordName, t);
  return program ?? t("activity.unnamed");
}

/** What the daemon calls the local password that it makes for `account.test`. */
const OWN_CHECK = "account test";

function nameOf(passwordName: string, t: Texts["t"]): string {
  return passwordName === OWN_CHECK ? t("activity.own-check") : passwordName;
}

export function connectionWords(connection: Connection, texts: Texts): string {
  const { program, account, protocol, timeline } = connection;
  const failures = timeline.flatMap(({ failure }) =>
    failure === undefined ? [] : [texts.failure(failure).say, failure.code],
  );
  return [programOf(connection, texts), program, account, protocol, ...failures].join(" ");
}

export function happenedTitle(happened: Activity, { t }: Pick<Texts, "t">): string {
  const { what, passwordName, userName, account } = happened;
  // Nobody knows which program it was; whom it claimed to be is what helps.
  const claimed = what === "login-refused" ? (userName ?? account) : userName;
  const who = passwordName === undefined ? (claimed ?? t("activity.unnamed")) : nameOf(passwordName, t);
  return t(`happened.${happened.what}`, { who });
}

export function happenedWords(happened: Activity, texts: Texts): string {
  const { account, protocol, failure } = happened;
  const why = failure === undefined ? [] : [texts.failure(failure).say, failure.code];
  return [happenedTitle(happened, texts), account, protocol, ...why].join(" ");
}
