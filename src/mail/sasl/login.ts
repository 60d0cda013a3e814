// LOGIN (draft-murchison-sasl-login), obsolete and still what Outlook and many devices send: two prompts, two answers.
// Invariant: the prompts are exactly these; Thunderbird compares them.

import { localPassword } from "../../secret/secret.ts";
import type { LocalCredentials } from "./plain.ts";

/** base64 of "Username:" and "Password:". */
export const LOGIN_USER_PROMPT = "VXNlcm5hbWU6";
export const LOGIN_PASSWORD_PROMPT = "UGFzc3dvcmQ6";

export function parseLogin(user: Buffer, password: Buffer): LocalCredentials {
  return { authcid: user.toString("utf8"), localPassword: localPassword(password.toString("utf8")) };
}
