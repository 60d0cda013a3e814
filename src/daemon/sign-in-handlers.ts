// The control methods of signing in and out.
import type { Account, OAuthAccount } from "../account/account.ts";
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
      const wanted = isAsked && account.kind === "oauth" ? await tokenToRevoke(account) : undefined;
      // Signed out from here on, whatever the keychain and the network say later.
      await state.change((current) => {
        const { [account.id]: _gone, ...signIns } = current.signIns;
        return { ...current, signIns };
      });
      daemon.proxy.closeSessions(account.id);
      daemon.outages.forget(account.id);
      const leftInKeychain = await daemon.forgetSignIn(account);
      daemon.events.accountChanged(account.id);
      daemon.events.activity({ what: "signed-out", account: account.email });
      if (wanted === undefined) return { revocation: "not-asked", leftInKeychain };
      return { ...(await revokeAt(account, wanted)), leftInKeychain };
    },

    async token({ email }) {
      const account = accountOf(email);
      if (account.kind !== "oauth") {
        throw new PosternError("request-invalid", {
          detail: "an account with a password has no access tokens",
        });
      }
      if (!account.tokenAccess) throw new PosternError("token-access-off");
      await daemon.mayUse(account);
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

  /** What to revoke, and where it may go: only where it would go to be used (threats.md G1). Or why that is not known. */
  async function tokenToRevoke(account: OAuthAccount): Promise<Revocable | PosternError> {
    try {
      await daemon.trustedHosts.check(account);
      const trustedTokenEndpoint = await daemon.trustedHosts.tokenEndpoint(account);
      const settings = { ...(await daemon.settings(account)), trustedTokenEndpoint };
      return { token: await daemon.broker.refreshToken(account.id), settings };
    } catch (thrown) {
      return toPosternError(thrown);
    }
  }

  async function revokeAt(
    account: Account,
    wanted: Revocable | PosternError,
  ): Promise<Omit<Response<"account.sign-out">, "leftInKeychain">> {
    try {
      if (wanted instanceof Error) throw wanted;
      if (wanted.token === undefined) return { revocation: "nothing-to-revoke" };
      return { revocation: await revoke(daemon.servers, wanted.settings, wanted.token) };
    } catch (thrown) {
      const failure = toPosternError(thrown);
      log.warn({ account: account.email, error: failure }, "the provider could not be told of the sign-out");
      return { revocation: "failed", failure: toFailure(failure) };
    }
  }
}

interface Revocable {
  readonly token: RefreshToken | undefined;
  readonly settings: OAuthClientSettings;
}

function viewOutcome(outcome: SignInOutcome): Response<"sign-in.wait"> {
  if (outcome.kind === "somebody-else") return { outcome: outcome.kind, identity: outcome.identity };
  const { identity, notices } = outcome;
  return { outcome: "signed-in", notices: [...notices], ...(identity === undefined ? {} : { identity }) };
}
