// XOAUTH2, Google's and Microsoft's mechanism. It has no RFC and no escaping: fields are ended by %x01.
import { PosternError } from "../../errors/postern-error.ts";
import { revealBearerToken } from "./bearer-token.ts";
import type { BearerMechanism } from "./mechanism.ts";

export const xoauth2: BearerMechanism = {
  name: "XOAUTH2",
  failureReply: "",
  format({ user, accessToken }) {
    const token = revealBearerToken(accessToken);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a control character here would forge a field.
    if (/[\x00-\x1f\x7f]/.test(user)) {
      throw new PosternError("internal", { detail: "the user name has control characters" });
    }
    return Buffer.from(`user=${user}\x01auth=Bearer ${token}\x01\x01`);
  },
};
