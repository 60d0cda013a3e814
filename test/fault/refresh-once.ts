// A process that refreshes one account's access token once and, where it is told to, ends itself with SIGKILL at a step of
// it, or has a keychain that refuses, or a wrong clock. The broker, the journal, the keychain file and the authorization server are the real ones; only the step is a double.
// Standard output: one line of JSON, { ok: true } or { ok: false, code, state }.
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { systemClock } from "../../src/clock/clock.ts";
import { PosternError, toPosternError } from "../../src/errors/postern-error.ts";
import { createAuthorizationServers } from "../../src/oauth/client/authorization-server.ts";
import { refresh } from "../../src/oauth/client/refresh-token-grant.ts";
import type { OAuthClientSettings } from "../../src/oauth/client/settings.ts";
import { createEncryptedFileKeychain } from "../../src/oauth/keychain/encrypted-file.ts";
import { createTokenBroker } from "../../src/oauth/token/broker.ts";
import { createRefreshJournal } from "../../src/oauth/token/refresh-journal.ts";
import { createRefreshLock } from "../../src/oauth/token/refresh-lock.ts";
import { REFUSING_STORE, type Step } from "./step.ts";

const [folder = "", issuer = "", clientId = "", accountId = "", step = "none"] = process.argv.slice(2);

// Timers of the product do not keep a process alive; here nothing else does.
const alive = setInterval(() => {}, 1000);

const clockOffset = Number(process.env.CLOCK_OFFSET ?? 0);
const rightNow = Date.now;
Date.now = () => rightNow() + clockOffset;

let refusals = step === REFUSING_STORE ? 2 : 0;

function endAt(here: Step): void {
  if (step === here) process.kill(process.pid, "SIGKILL");
}

const keychain = createEncryptedFileKeychain({
  path: join(folder, "keychain"),
  keyFile: join(folder, "key"),
});
const journal = createRefreshJournal(join(folder, "journal"));
const servers = createAuthorizationServers(systemClock, fetch);
const settings: OAuthClientSettings = {
  issuer,
  endpoints: undefined,
  clientId,
  clientSecret: undefined,
  scope: "openid email offline_access",
  redirectUri: "http://127.0.0.1/callback",
};

const broker = createTokenBroker({
  keychain: {
    ...keychain,
    async replace(name, value) {
      endAt("before the new token is stored");
      if (refusals > 0) {
        refusals -= 1;
        throw new PosternError("keychain-full");
      }
      const generation = await keychain.replace(name, value);
      endAt("after the new token was stored");
      return generation;
    },
  },
  journal: {
    ...journal,
    async begin(account, generation) {
      endAt("before the journal is written");
      await journal.begin(account, generation);
      endAt("after the journal was written");
    },
    async clear(account) {
      endAt("before the journal is cleared");
      await journal.clear(account);
      endAt("after the journal was cleared");
    },
  },
  lock: createRefreshLock(join(folder, "locks"), systemClock),
  clock: systemClock,
  refine: (_accountId, error) => error,
  random: () => 0.5,
  wasSignedIn: () => true,
  refresh: (_account, current, keep) => refresh(servers, settings, current, keep),
  onChange: () => {},
});

const outcome = await broker.accessToken(accountId).then(
  () => ({ ok: true }),
  async (thrown: unknown) => ({
    ok: false,
    code: toPosternError(thrown).code,
    state: (await broker.look(accountId)).state.kind,
  }),
);
// The daemon would go on; this process may end only when nothing is in its memory alone.
while ((await broker.look(accountId)).unsaved) await delay(50);
clearInterval(alive);
process.stdout.write(`${JSON.stringify(outcome)}\n`);
