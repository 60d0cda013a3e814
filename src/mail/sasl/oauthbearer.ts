// OAUTHBEARER (RFC 7628 §3.1): a GS2 header with the user, then key=value pairs ended by %x01.
import { revealBearerToken } from "./bearer-token.ts";
import type { BearerMechanism } from "./mechanism.ts";
import { requirePlainUserName } from "./user-name.ts";

export const oauthbearer: BearerMechanism = {
  name: "OAUTHBEARER",
  // %x01 alone ends the failed exchange (RFC 7628 §3.2.3).
  failureReply: "AQ==",
  format({ user, accessToken, host, port }) {
    const token = revealBearerToken(accessToken);
    return Buffer.from(
      `n,a=${formatSaslName(user)},\x01host=${host}\x01port=${port}\x01auth=Bearer ${token}\x01\x01`,
    );
  },
};

/** RFC 5801 §4 saslname: `=` and `,` are escaped, control characters do not occur. */
function formatSaslName(user: string): string {
  return requirePlainUserName(user).replace(/=/g, "=3D").replace(/,/g, "=2C");
}
