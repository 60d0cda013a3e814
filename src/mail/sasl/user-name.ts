// What every user name must look like before it goes into a SASL message: a control character would forge a field.
import { PosternError } from "../../errors/postern-error.ts";

/** @throws PosternError `internal`: user names come from the account, which has none with control characters */
export function requirePlainUserName(user: string): string {
  if (/\p{Cc}/u.test(user))
    throw new PosternError("internal", { detail: "the user name has control characters" });
  return user;
}
