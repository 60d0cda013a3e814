// Rotation that survives everything (oauth.md §4, R1 to R6): kill -9 at each step, two processes, a wrong clock, a keychain
// that refuses, an answer that breaks off. The authorization server rotates and revokes the whole grant at reuse.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/clock/clock.ts";
import { startAuthorization } from "../../src/oauth/client/authorization-code-grant.ts";
import { createAuthorizationServers } from "../../src/oauth/client/authorization-server.ts";
import { createEncryptedFileKeychain } from "../../src/oauth/keychain/encrypted-file.ts";
import { keychainValue } from "../../src/oauth/keychain/keychain.ts";
import { createTestAuthority, type TestAuthority } from "../support/authority.ts";
import {
  type AuthorizationServer,
  PUBLIC_CLIENT_ID,
  startAuthorizationServer,
} from "../support/authorization-server.ts";
import { ALICE, signInAs } from "../support/person.ts";
import { collect } from "../support/process.ts";
import { trustInThisProcess } from "../support/trust.ts";
import { REFUSING_STORE, STEPS } from "./step.ts";

const ACCOUNT = "a1";
const NAME = { purpose: "refresh-token", accountId: ACCOUNT } as const;

let authority: TestAuthority;
let server: AuthorizationServer;
let folder: string;

beforeAll(async () => {
  authority = await createTestAuthority();
  trustInThisProcess(authority);
  server = await startAuthorizationServer({ authority, people: [ALICE] });
});
afterAll(() => server.close());

/** A home with a fresh sign-in. */
beforeEach(async () => {
  server.setTokenFault({ kind: "none" });
  folder = await mkdtemp(join(tmpdir(), "rotation-"));
  await Promise.all([mkdir(join(folder, "journal")), mkdir(join(folder, "locks"))]);
  await writeFile(join(folder, "key"), "k".repeat(40));
  await authority.writeTo(folder);
  await signIn();
  return () => rm(folder, { recursive: true });
});

const keychain = () =>
  createEncryptedFileKeychain({ path: join(folder, "keychain"), keyFile: join(folder, "key") });

async function signIn(): Promise<void> {
  const attempt = await startAuthorization({
    servers: createAuthorizationServers(systemClock, fetch),
    settings: {
      issuer: server.issuer,
      endpoints: undefined,
      clientId: PUBLIC_CLIENT_ID,
      clientSecret: undefined,
      scope: "openid email offline_access",
      redirectUri: "http://127.0.0.1/callback",
    },
    loginHint: ALICE.email,
    clock: systemClock,
    accept: async ({ refreshToken }) => {
      await keychain().replace(NAME, keychainValue(refreshToken?.reveal() ?? ""));
      await keychain().dropPredecessor(NAME);
      return { kind: "kept" };
    },
  });
  await Promise.all([attempt.completed, signInAs(attempt.authorizationUrl, ALICE, authority)]);
}

interface Outcome {
  readonly ok: boolean;
  readonly code?: string;
  readonly state?: string;
}

/** Runs the process; undefined when it ended itself. */
async function refreshOnce(step = "none", clockOffset = 0): Promise<Outcome | undefined> {
  const words = [
    join(import.meta.dirname, "refresh-once.ts"),
    folder,
    server.issuer,
    PUBLIC_CLIENT_ID,
    ACCOUNT,
    step,
  ];
  const child = spawn(process.execPath, words, {
    env: {
      ...process.env,
      NODE_EXTRA_CA_CERTS: await authority.writeTo(folder),
      CLOCK_OFFSET: String(clockOffset),
    },
  });
  const output = collect(child);
  const [, signal] = await once(child, "close");
  if (signal === "SIGKILL") return undefined;
  if (output.stdout() === "") throw new Error(output.stderr());
  return JSON.parse(output.stdout());
}

describe("a process that is killed", () => {
  // Only between the server's answer and the store is the token lost, and there no program could do better.
  const LOST = new Set<string>(["before the new token is stored"]);

  it.each(STEPS)("%s: the next start works, or asks for one sign-in", async (step) => {
    expect(await refreshOnce(step)).toBeUndefined();
    const next = await refreshOnce();
    if (LOST.has(step)) {
      expect(next).toEqual({ ok: false, code: "sign-in-ended", state: "needs-attention" });
      const before = server.tokenRequests("refresh_token");
      await signIn();
      expect(await refreshOnce()).toEqual({ ok: true });
      expect(server.tokenRequests("refresh_token") - before).toBe(1);
    } else {
      expect(next).toEqual({ ok: true });
    }
    // One current token, which works again, and nothing left of the interruption.
    expect(await refreshOnce()).toEqual({ ok: true });
    expect(await readdir(join(folder, "journal"))).toEqual([]);
    expect(await readdir(join(folder, "locks"))).toEqual([]);
    expect((await keychain().read(NAME))?.current.number).toBeGreaterThan(1);
  });

  it("leaves the journal and the lock behind, and both are understood", async () => {
    await refreshOnce("after the journal was written");
    expect(await readdir(join(folder, "journal"))).toEqual([`${ACCOUNT}.json`]);
    expect(await readdir(join(folder, "locks"))).toEqual([`${ACCOUNT}.lock`]);
    expect(await refreshOnce()).toEqual({ ok: true });
  });
});

describe("several processes on one keychain", () => {
  it("refresh one after the other, and none of them is refused", async () => {
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => refreshOnce()));
    expect(outcomes).toEqual(outcomes.map(() => ({ ok: true })));
  });
});

describe("an answer that breaks off after the server has rotated", () => {
  it("is no reason to forget the sign-in", async () => {
    server.setTokenFault({ kind: "answer-then-reset" });
    expect(await refreshOnce()).toMatchObject({ ok: false, code: "authorization-server-unreachable" });
    expect(await keychain().read(NAME)).toBeDefined();
    server.setTokenFault({ kind: "none" });
    // The server has made the stored token's successor good and will refuse it: said once, not believed at once.
    expect(await refreshOnce()).toMatchObject({ ok: false, code: "sign-in-refused-once", state: "stored" });
    expect(await keychain().read(NAME)).toBeDefined();
  });
});

describe("a keychain that refuses the rotated token", () => {
  it("gets it again until it takes it, while mail goes on", async () => {
    expect(await refreshOnce(REFUSING_STORE)).toEqual({ ok: true });
    expect(await refreshOnce()).toEqual({ ok: true });
  });
});

describe("a wrong clock", () => {
  const HOUR = 3_600_000;
  it.each([2 * HOUR, -2 * HOUR, 10 * 365 * 24 * HOUR])("of %i ms loses no token", async (offset) => {
    expect(await refreshOnce("none", offset)).toEqual({ ok: true });
    expect(await refreshOnce()).toEqual({ ok: true });
  });
});
