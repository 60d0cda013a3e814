// An authorization server as the broker sees it: rotates refresh tokens, fails and dawdles on demand.
// Invariant: it accepts the newest refresh token of a grant only, as the strictest servers do, unless told otherwise.

import { type ErrorCode, isErrorCode } from "../../src/errors/catalogue.ts";
import { PosternError } from "../../src/errors/postern-error.ts";
import type { Keep } from "../../src/oauth/client/refresh-token-grant.ts";
import type { IssuedTokens } from "../../src/oauth/client/settings.ts";
import { accessToken, type RefreshToken, refreshToken } from "../../src/secret/secret.ts";
import { createIssuedTokens } from "./issued-tokens.ts";

export interface SignInServer {
  /** The texts of the refresh tokens that were sent, in order. */
  readonly requests: string[];
  /** What the following requests are answered with, in order, before it works again. */
  readonly failures: (ErrorCode | PosternError)[];
  /** Refresh tokens that are refused with invalid_grant, whatever else. */
  readonly dead: Set<string>;
  /** Seconds that an access token lives. */
  lifetime: number;
  /** Whether it issues a new refresh token each time. */
  rotates: boolean;
  /** Holds requests back until the function that it gives is called. */
  gate(): () => void;
  refresh(accountId: string, current: RefreshToken, keep: Keep): Promise<IssuedTokens>;
}

export function createSignInServer(): SignInServer {
  let issued = 0;
  let open: Promise<void> = Promise.resolve();
  const server: SignInServer = {
    requests: [],
    failures: [],
    dead: new Set(),
    lifetime: 3600,
    rotates: true,
    gate() {
      const { promise, resolve } = Promise.withResolvers<void>();
      open = promise;
      return resolve;
    },
    async refresh(_accountId, current, keep) {
      const text = current.reveal();
      server.requests.push(text);
      const failure = server.failures.shift();
      await open;
      if (failure instanceof PosternError) throw failure;
      if (failure !== undefined && isErrorCode(failure)) {
        throw new PosternError(failure, { refusesGrant: failure === "sign-in-ended" });
      }
      if (server.dead.has(text)) {
        throw new PosternError("sign-in-ended", { detail: "invalid_grant", refusesGrant: true });
      }
      issued += 1;
      if (server.rotates) {
        server.dead.add(text);
        await keep(refreshToken(`R${issued}`));
      }
      return createIssuedTokens({
        accessToken: accessToken(`A${issued}`),
        lifetime: server.lifetime,
        refreshToken: server.rotates ? refreshToken(`R${issued}`) : undefined,
      });
    },
  };
  return server;
}
