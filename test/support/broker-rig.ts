// A token broker with everything around it in memory, and one account that is signed in with the refresh token "R0".

import { keychainValue } from "../../src/oauth/keychain/keychain.ts";
import { createTokenBroker } from "../../src/oauth/token/broker.ts";
import type { RefreshJournal } from "../../src/oauth/token/refresh-journal.ts";
import { accessToken, refreshToken } from "../../src/secret/secret.ts";
import { createFakeClock } from "./fake-clock.ts";
import { createIssuedTokens } from "./issued-tokens.ts";
import { createMemoryKeychain } from "./memory-keychain.ts";
import { createSignInServer } from "./sign-in-server.ts";

export const ACCOUNT = "account";
export const REFRESH_TOKEN = { purpose: "refresh-token", accountId: ACCOUNT } as const;

export function createMemoryJournal(): RefreshJournal & { readonly marks: Map<string, number> } {
  const marks = new Map<string, number>();
  return {
    marks,
    begin: async (accountId, generation) => void marks.set(accountId, generation),
    clear: async (accountId) => void marks.delete(accountId),
    interrupted: async (accountId) => marks.get(accountId),
  };
}

export async function createBrokerRig({ signedIn = true } = {}) {
  const clock = createFakeClock();
  const keychain = createMemoryKeychain();
  const journal = createMemoryJournal();
  const server = createSignInServer();
  const changes: string[] = [];
  const known = { signedInBefore: false };
  if (signedIn) await keychain.replace(REFRESH_TOKEN, keychainValue("R0"));
  const start = () =>
    createTokenBroker({
      keychain,
      journal,
      clock,
      lock: { during: (_accountId, work) => work() },
      refresh: server.refresh,
      wasSignedIn: () => known.signedInBefore,
      refine: (_accountId, error) => error,
      random: () => 0.5,
      onChange: (accountId) => void changes.push(accountId),
    });
  const broker = start();
  return {
    clock,
    keychain,
    journal,
    server,
    changes,
    known,
    broker,
    /** A second broker on the same keychain and journal, as after a restart of the program. */
    restart: start,
    /** The text of the access token that is handed out now. */
    token: async (rejected?: string) =>
      (
        await broker.accessToken(ACCOUNT, rejected === undefined ? undefined : accessToken(rejected))
      ).reveal(),
    /** The tokens of a sign-in that a person makes. */
    issue: (name: string) =>
      createIssuedTokens({
        accessToken: accessToken(`A-${name}`),
        refreshToken: refreshToken(`R-${name}`),
      }),
    stored: () => keychain.texts(REFRESH_TOKEN)?.current,
    state: async () => (await broker.look(ACCOUNT)).state.kind,
  };
}
