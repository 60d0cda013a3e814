// The control methods of signing in and out.
import type { Account } from "../account/account.ts";
import type { Response } from "../control/contract.ts";
import { type Handlers, toFailure } from "../control/server.ts";
import { PosternError, toPosternError } from "../errors/postern-error.ts";
import type { OAuthClientSettings } from "../oauth/client/settings.ts";
import { revoke } from "../oauth/client/token-revocation.ts";
import type { SignInOutcome } from "../oauth/token/sign-in.ts";
import type { RefreshToken } from "../secret/secret.ts";
import type { Daemon } from "./create-daemon.ts";

type Methods =
  | "sign-in.start"
  | "sign-in.answer"
  | "sign-in.wait"
  | "sign-in.agree"
  | "sign-in.cancel"
  | "account.sign-out"
  | "token";

export function signInHandlers(
  daemon: Daemon,
  accountOf: (email: string) => Account,
): Pick<Handlers, Methods> {
  const { state, log } = daemon.parts;

  return {
    async "sign-in.start"({ email, anyIdentity = false, ...options }) {
      const { attemptId, started } = await daemon.signIns.start(accountOf(email).id, {
        ...options,
        anyIdentity,
      });
      return { attemptId, ...started };
    },

    async "sign-in.answer"({ attemptId, answer }) {
      daemon.signIns.answer(attemptId, answer);
      return {};
    },

    async "sign-in.wait"({ attemptId }, gone) {
      // Whoever asked for the sign-in and went away is not waiting for it any more.
      const cancel = (): void => daemon.signIns.cancel(attemptId);
      gone.addEventListener("abort", cancel, { once: true });
      try {
        return viewOutcome(await daemon.signIns.outcome(attemptId));
      } finally {
        gone.removeEventListener("abort", cancel);
      }
    },

    "sign-in.agree": async ({ attemptId }) => viewOutcome(await daemon.signIns.agree(attemptId)),

    async "sign-in.cancel"({ attemptId }) {
      daemon.signIns.cancel(attemptId);
      return {};
    },

    async "account.sign-out"({ email, revoke: isAsked }) {
      const account = accountOf(email);
      daemon.signIns.cancelAll(account.id);
      const token = isAsked ? await daemon.broker.refreshToken(account.id) : undefined;
      const trustedTokenEndpoint = isAsked ? await daemon.trustedHosts.tokenEndpoint(account) : undefined;
      const heldBack = await daemon.trustedHosts.check(account).then(() => undefined, toPosternError);
      // Here first: signing out must not wait for the network, nor depend on it.
      await daemon.broker.forget(account.id);
      await daemon.trustedHosts.forget(account.id);
      daemon.outages.forget(account.id);
      daemon.proxy.closeSessions(account.id);
      await state.change((current) => {
        const { [account.id]: _gone, ...signIns } = current.signIns;
        return { ...current, signIns };
      });
      daemon.events.accountChanged(account.id);
      daemon.events.activity({ what: "signed-out", account: account.email });
      if (token === undefined) return { revocation: "not-asked" };
      return revokeAt(account, token, async () => {
        // A refresh token goes to be revoked only where it would go to be used (threats.md G1).
        if (heldBack !== undefined) throw heldBack;
        return { ...(await daemon.settings(account)), trustedTokenEndpoint };
      });
    },

    async token({ email }) {
      const account = accountOf(email);
      if (!account.tokenAccess) throw new PosternError("token-access-off");
      const accessToken = await daemon.broker.accessToken(account.id);
      const { state: tokenState } = await daemon.broker.look(account.id);
      log.info({ account: account.email }, "an access token was handed out");
      daemon.events.activity({ what: "token-handed-out", account: account.email });
      return {
        accessToken: accessToken.reveal(),
        expiresAt: tokenState.kind === "active" ? tokenState.expiresAt : daemon.parts.clock.now(),
      };
    },
  };

  async function revokeAt(
    account: Account,
    token: RefreshToken,
    settings: () => Promise<OAuthClientSettings>,
  ): Promise<Response<"account.sign-out">> {
    try {
      return { revocation: await revoke(daemon.servers, await settings(), token) };
    } catch (thrown) {
      const failure = toPosternError(thrown);
      log.warn({ account: account.email, error: failure }, "the provider could not be told of the sign-out");
      return { revocation: "failed", failure: toFailure(failure) };
    }
  }
}

function viewOutcome(outcome: SignInOutcome): Response<"sign-in.wait"> {
  if (outcome.kind === "somebody-else") return { outcome: outcome.kind, identity: outcome.identity };
  const { identity, notices } = outcome;
  return { outcome: "signed-in", notices: [...notices], ...(identity === undefined ? {} : { identity }) };
}
