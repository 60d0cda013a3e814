// XOAUTH2, Google's and Microsoft's mechanism. It has no RFC and no escaping: fields are ended by %x01.
import { revealBearerToken } from "./bearer-token.ts";
import type { BearerMechanism } from "./mechanism.ts";
import { requirePlainUserName } from "./user-name.ts";

export const xoauth2: BearerMechanism = {
  name: "XOAUTH2",
  failureReply: "",
  format({ user, accessToken }) {
    const token = revealBearerToken(accessToken);
    return Buffer.from(`user=${requirePlainUserName(user)}\x01auth=Bearer ${token}\x01\x01`);
  },
};
