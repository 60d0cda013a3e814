// Which mechanism goes to the upstream server.
import { PosternError } from "../../errors/postern-error.ts";
import type { BearerMechanism, MechanismChoice } from "./mechanism.ts";
import { oauthbearer } from "./oauthbearer.ts";
import { xoauth2 } from "./xoauth2.ts";

/**
 * The account's own choice, announced or not (Yandex accepts what it does not announce); otherwise the standard one
 * where it is announced, else XOAUTH2. Passwords' mechanisms are never an answer: a token is sent by no other way.
 * @param announced mechanism names in any case
 * @throws PosternError `upstream-no-mechanism`
 */
export function chooseMechanism(announced: readonly string[], choice: MechanismChoice): BearerMechanism {
  if (choice === "xoauth2") return xoauth2;
  if (choice === "oauthbearer") return oauthbearer;
  const names = announced.map((name) => name.toUpperCase());
  if (names.includes(oauthbearer.name)) return oauthbearer;
  if (names.includes(xoauth2.name)) return xoauth2;
  throw new PosternError("upstream-no-mechanism", {
    detail: names.length === 0 ? "it announces none" : `it announces ${names.join(", ")}`,
  });
}
