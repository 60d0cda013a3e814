// Whether an account's mailbox lets somebody in: asked where a provider does not say who signed in, and of a password.
// Invariant: one login, which changes nothing in the mailbox and in what is known of the account.
import { type Account, upstreamUser } from "../account/account.ts";
import { withDeadline } from "../clock/clock.ts";
import { PosternError, toPosternError } from "../errors/postern-error.ts";
import { saysNotConnected } from "../mail/imap/observer.ts";
import { limits } from "../mail/wire/limits.ts";
import { type ConnectionMeans, openImap, type UpstreamCredential } from "./upstream-connection.ts";

/**
 * Logs in at the account's IMAP server as the account's own SASL user, and out again. Gives what speaks against the
 * sign-in: `mailbox-refused-sign-in`, `mailbox-not-connected`; or what kept the mailbox from being asked.
 */
export async function probeMailbox(
  means: ConnectionMeans,
  account: Account,
  credential: UpstreamCredential,
): Promise<"accepted" | PosternError> {
  const user = upstreamUser(account, "imap");
  const probing = probe(means, account, user, credential);
  try {
    await withDeadline(
      means.clock,
      limits.upstreamLogin,
      probing,
      () => new PosternError("upstream-timeout", { detail: "no answer within 20 seconds" }),
    );
    return "accepted";
  } catch (thrown) {
    const error = toPosternError(thrown);
    if (error.code !== "upstream-refused") return error;
    const detail = `as ${user}: ${error.detail ?? "no reason given"}`;
    const code = credential.kind === "password" ? "upstream-password-refused" : "mailbox-refused-sign-in";
    return new PosternError(code, { detail, cause: error });
  }
}

async function probe(
  means: ConnectionMeans,
  account: Account,
  user: string,
  credential: UpstreamCredential,
): Promise<void> {
  const { wire, command } = await openImap(means, { account, user, credential });
  try {
    // Exchange answers some commands as ever when there is no mailbox; LIST is not one of them.
    for (const text of ["NOOP", 'LIST "" INBOX']) {
      const { status, text: answer } = await command(text);
      if (status === "BAD" && saysNotConnected(answer)) {
        throw new PosternError("mailbox-not-connected", {
          detail: `logged in as ${user}; it said: ${answer}`,
        });
      }
    }
  } finally {
    wire.close("bye LOGOUT\r\n");
  }
}
