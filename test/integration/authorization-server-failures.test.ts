// What happens to mail when the authorization server fails (oauth.md §2 and §4): an outage is told as an outage, the
// sign-in is kept, nobody asks more often than the server wants, and mail flows again by itself.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TokenFault } from "../support/authorization-server.ts";
import { attemptLogin, attemptMail } from "../support/mail-attempt.ts";
import type { LocalLogin } from "../support/raw-client.ts";
import { accessTokenExpired, eventually, startTown, type Town } from "../support/town.ts";

const UNREACHABLE = "Your provider's sign-in server cannot be reached; Postern tries again by itself";
const FAILING = "Your provider's sign-in server has a problem; Postern tries again by itself";

let town: Town;
/** Signed in at the beginning, so that their access tokens have expired when their turn comes. */
const residents: LocalLogin[] = [];

beforeAll(async () => {
  town = await startTown({ people: 30, accessTokenSeconds: 1 });
  for (let count = 0; count < 25; count++) residents.push(await town.resident());
});

afterAll(async () => {
  await town.close();
});

/** Somebody new whose access token has expired, so that the next login needs another. */
async function residentWithExpiredToken(): Promise<LocalLogin> {
  const login = residents.pop();
  if (login === undefined) throw new Error("there are no more residents");
  await accessTokenExpired(town, login);
  return login;
}

const imapLogin = (login: LocalLogin): Promise<string> => attemptLogin(town.postern.imapPort, login, 25_000);
const smtpMail = (login: LocalLogin): Promise<string> => attemptMail(town.postern.smtpPort, login);
const keychainFile = (): Promise<Buffer> => readFile(join(town.postern.home, "keychain.encrypted"));
const refreshes = (): number => town.authorizationServer.tokenRequests("refresh_token");
const answer = (status: number, body: string, contentType = "application/json"): TokenFault => ({
  kind: "status",
  status,
  body,
  contentType,
});

/** Runs `work` while the token endpoint fails. */
async function during<T>(fault: TokenFault, work: () => Promise<T>): Promise<T> {
  town.authorizationServer.setTokenFault(fault);
  try {
    return await work();
  } finally {
    town.authorizationServer.setTokenFault({ kind: "none" });
  }
}

describe("an authorization server that fails is an outage: the sign-in stays, and mail flows again by itself", () => {
  const faults: [string, TokenFault, string, string][] = [
    ["answers 500", answer(500, "oops", "text/plain"), FAILING, "authorization-server-failing"],
    [
      "answers 500 with an OAuth error in JSON",
      answer(500, '{"error":"invalid_grant"}'),
      FAILING,
      "authorization-server-failing",
    ],
    [
      "answers 400 temporarily_unavailable",
      answer(400, '{"error":"temporarily_unavailable"}'),
      FAILING,
      "authorization-server-failing",
    ],
    [
      "answers 429 with an OAuth error in JSON",
      answer(429, '{"error":"invalid_grant"}'),
      FAILING,
      "authorization-server-failing",
    ],
    [
      "answers 200 with a web page, as a captive portal does",
      answer(200, "<!doctype html><title>Hotel</title>", "text/html"),
      FAILING,
      "authorization-server-failing",
    ],
    [
      "answers 200 with broken JSON",
      answer(200, '{"access_token":"a'),
      FAILING,
      "authorization-server-failing",
    ],
    [
      "answers 200 without a token",
      answer(200, '{"token_type":"Bearer","expires_in":3600}'),
      FAILING,
      "authorization-server-failing",
    ],
    ["answers 302", answer(302, "", "text/html"), FAILING, "authorization-server-failing"],
    ["resets the connection", { kind: "reset" }, UNREACHABLE, "authorization-server-unreachable"],
  ];
  const waiting: LocalLogin[] = [];
  for (const [name, fault, text, code] of faults) {
    test(`it ${name}`, async () => {
      const login = await residentWithExpiredToken();
      const [keychain, before, upstream] = [await keychainFile(), refreshes(), town.logins.length];
      await during(fault, async () => {
        expect(await imapLogin(login)).toBe(`NO [UNAVAILABLE] ${text}`);
        expect(await town.statusOf(login.email)).toMatchObject({ kind: "offline", code });
      });
      expect(refreshes()).toBe(before + 1);
      expect(await keychainFile()).toEqual(keychain);
      expect(town.logins).toHaveLength(upstream);
      waiting.push(login);
    });
  }

  test("when it is well again, everybody's next login works and everybody's status says so", async () => {
    expect(waiting).toHaveLength(faults.length);
    const replies = await Promise.all(waiting.map((login) => imapLogin(login)));
    for (const reply of replies) expect(reply).toMatch(/^OK /);
    for (const { email } of waiting) expect((await town.statusOf(email)).kind).toBe("working");
  });

  test("it is dead: IMAP says UNAVAILABLE, SMTP says 235 and then 450 4.4.1, and both work when it is back", async () => {
    const login = await residentWithExpiredToken();
    const keychain = await keychainFile();
    await town.authorizationServer.pause();
    try {
      const [imap, smtp] = await Promise.all([imapLogin(login), smtpMail(login)]);
      expect(imap).toBe(`NO [UNAVAILABLE] ${UNREACHABLE}`);
      expect(smtp).toBe(`450 4.4.1 ${UNREACHABLE}`);
      expect(await town.statusOf(login.email)).toMatchObject({
        kind: "offline",
        code: "authorization-server-unreachable",
        detail: expect.stringContaining("ECONNREFUSED"),
      });
      expect(await keychainFile()).toEqual(keychain);
    } finally {
      await town.authorizationServer.resume();
    }
    expect(await imapLogin(login)).toMatch(/^OK /);
    expect(await smtpMail(login)).toBe("250 2.0.0 MAIL done");
  });
});

describe("Retry-After is obeyed", () => {
  test("503 with a short one: the next login waits for it, asks once, and works", async () => {
    const login = await residentWithExpiredToken();
    const asked = performance.now();
    const fault: TokenFault = { ...answer(503, ""), retryAfterSeconds: 3 } as TokenFault;
    expect(await during(fault, () => imapLogin(login))).toBe(`NO [UNAVAILABLE] ${FAILING}`);
    const before = refreshes();
    expect(await imapLogin(login)).toMatch(/^OK /);
    expect(performance.now() - asked).toBeGreaterThan(3000);
    expect(refreshes()).toBe(before + 1);
  });

  test("429 with a long one: logins fail at once and nothing is asked; status says when it will be", async () => {
    const login = await residentWithExpiredToken();
    const fault: TokenFault = { ...answer(429, ""), retryAfterSeconds: 60 } as TokenFault;
    const failed = Date.now();
    expect(await during(fault, () => imapLogin(login))).toBe(`NO [UNAVAILABLE] ${FAILING}`);
    const before = refreshes();
    for (let times = 0; times < 5; times++) {
      expect(await imapLogin(login)).toBe(`NO [UNAVAILABLE] ${FAILING}`);
      expect(await smtpMail(login)).toBe(`450 4.4.1 ${FAILING}`);
    }
    expect(refreshes()).toBe(before);
    const { retryAt = 0 } = await town.statusOf(login.email);
    expect(retryAt - failed).toBeGreaterThanOrEqual(60_000);
    expect(retryAt - failed).toBeLessThan(70_000);
  });
});

describe("an answer that means something else than an outage", () => {
  test("a client that is not accepted any more: blocked, and told as a matter of configuration", async () => {
    const login = await residentWithExpiredToken();
    const keychain = await keychainFile();
    await during(answer(401, '{"error":"invalid_client","error_description":"unknown"}'), async () => {
      expect(await imapLogin(login)).toBe("NO [UNAVAILABLE] The sign-in settings need attention in Postern");
      expect(await town.statusOf(login.email)).toMatchObject({
        kind: "blocked",
        code: "oauth-client-refused",
        detail: expect.stringContaining("invalid_client"),
      });
      expect(await smtpMail(login)).toBe("450 4.3.5 The sign-in settings need attention in Postern");
    });
    expect(await keychainFile()).toEqual(keychain);
  });

  test("a description with control characters in it reaches neither status nor log as it is", async () => {
    const login = await residentWithExpiredToken();
    const body = '{"error":"invalid_client","error_description":"\\u001b[31m\\r\\nforged"}';
    await during(answer(401, body), () => imapLogin(login));
    const { detail = "" } = await town.statusOf(login.email);
    expect(detail).not.toMatch(/\p{Cc}/u);
    expect(town.postern.log()).not.toContain("\x1b");
    expect(
      town.postern
        .log()
        .split("\n")
        .filter((line) => /^forged/.test(line)),
    ).toEqual([]);
  });

  test("an access token with a line break in it is never written to the mail server (F3)", async () => {
    const login = await residentWithExpiredToken();
    const upstream = town.logins.length;
    const body = '{"access_token":"a\\r\\nx LOGOUT","token_type":"Bearer","expires_in":3600}';
    expect(await during(answer(200, body), () => imapLogin(login))).toMatch(/^NO \[UNAVAILABLE\] /);
    expect(town.logins).toHaveLength(upstream);
  });

  test("an access token that cannot be used is named by status, and the next login asks for another", async () => {
    const login = await residentWithExpiredToken();
    const body = '{"access_token":"a\\r\\nb","token_type":"Bearer","expires_in":3600}';
    expect(await during(answer(200, body), () => imapLogin(login))).toMatch(/^NO \[UNAVAILABLE\] /);
    expect((await town.statusOf(login.email)).code).toBe("access-token-unusable");
    await eventually(async () => (await imapLogin(login)).startsWith("OK "), 15_000);
  });

  test("a token that is bound to a key cannot be used for mail, and status says so", async () => {
    const login = await residentWithExpiredToken();
    const body = '{"access_token":"abc","token_type":"DPoP","expires_in":3600}';
    expect(await during(answer(200, body), () => imapLogin(login))).toMatch(/^NO \[UNAVAILABLE\] /);
    expect(await town.statusOf(login.email)).toMatchObject({
      kind: "blocked",
      code: "access-token-unusable",
    });
  });
});

describe("a grant that has ended", () => {
  test("one refusal is not believed at once: nothing is deleted, nothing is asked again for a minute", async () => {
    const login = await residentWithExpiredToken();
    await town.authorizationServer.revokeGrantsOf(login.email);
    const [keychain, before] = [await keychainFile(), refreshes()];

    expect(await imapLogin(login)).toBe("NO [UNAVAILABLE] Sign in again in Postern if this lasts");
    expect(await smtpMail(login)).toBe("450 4.7.0 Sign in again in Postern if this lasts");
    expect(await imapLogin(login)).toBe("NO [UNAVAILABLE] Sign in again in Postern if this lasts");
    expect(refreshes()).toBe(before + 1);
    expect(await town.statusOf(login.email)).toMatchObject({ kind: "offline", code: "sign-in-refused-once" });
    expect(await keychainFile()).toEqual(keychain);
  });

  for (const [name, fault] of [
    ["a connection that was refused", "dead"],
    ["a 500", answer(500, "")],
  ] as const) {
    test(`one refusal is not believed at once when it comes after ${name}, either`, async () => {
      const login = await residentWithExpiredToken();
      if (fault === "dead") await town.authorizationServer.pause();
      else town.authorizationServer.setTokenFault(fault);
      expect(await imapLogin(login)).toMatch(/^NO \[UNAVAILABLE\] Your provider's sign-in server /);
      await town.authorizationServer.resume();
      const reply = await during(answer(400, '{"error":"invalid_grant"}'), () => imapLogin(login));
      expect(reply).toBe("NO [UNAVAILABLE] Sign in again in Postern if this lasts");
      expect((await town.statusOf(login.email)).code).toBe("sign-in-refused-once");
    });
  }

  test("a person who signs in again is served at once", async () => {
    const login = await residentWithExpiredToken();
    await town.authorizationServer.revokeGrantsOf(login.email);
    expect(await imapLogin(login)).toMatch(/^NO \[UNAVAILABLE\] /);
    const number = /\d+/.exec(login.email)?.[0];
    const signedIn = await town.postern.signIn({
      email: login.email,
      password: `secret of resident ${number}`,
    });
    expect(signedIn.exitCode).toBe(0);
    expect(await imapLogin(login)).toMatch(/^OK /);
  });

  test("an answer that was lost on the way costs the grant here; that is an outage first, and never a deletion", async () => {
    const login = await residentWithExpiredToken();
    const keychain = await keychainFile();
    // The server has rotated the refresh token, and nobody has seen the new one.
    await during({ kind: "answer-then-reset" }, async () => {
      expect(await imapLogin(login)).toBe(`NO [UNAVAILABLE] ${UNREACHABLE}`);
    });
    expect(await keychainFile()).toEqual(keychain);
    // This server takes the old one for stolen. Others have a grace period, so it had to be tried.
    expect(await imapLogin(login)).toMatch(/^NO \[UNAVAILABLE\] Sign in again in Postern/);
    expect(await keychainFile()).toEqual(keychain);
  });
});

describe("many at once", () => {
  test("fifty logins that need a new access token make one token request, and all get in", async () => {
    const login = await residentWithExpiredToken();
    const before = refreshes();
    const gate = Promise.withResolvers<void>();
    const replies = await during({ kind: "delay", gate: gate.promise }, async () => {
      const asking = Promise.all(Array.from({ length: 50 }, () => imapLogin(login)));
      await eventually(async () => (await town.postern.json("account", "show", login.email)).sessions === 50);
      gate.resolve();
      return asking;
    });
    expect(replies.filter((reply) => reply.startsWith("OK "))).toHaveLength(50);
    expect(refreshes()).toBe(before + 1);
  });

  test("fifty logins during an outage make one token request, and all are told of it", async () => {
    const login = await residentWithExpiredToken();
    const before = refreshes();
    const gate = Promise.withResolvers<void>();
    const replies = await during({ kind: "delay", gate: gate.promise }, async () => {
      const asking = Promise.all(Array.from({ length: 50 }, () => imapLogin(login)));
      await eventually(async () => (await town.postern.json("account", "show", login.email)).sessions === 50);
      await eventually(async () => refreshes() === before + 1);
      await town.authorizationServer.pause();
      gate.resolve();
      return asking;
    }).finally(() => town.authorizationServer.resume());
    expect(new Set(replies)).toEqual(new Set([`NO [UNAVAILABLE] ${UNREACHABLE}`]));
    expect(refreshes()).toBe(before + 1);
  });

  test("one account's dead authorization server does not hold up another's login", async () => {
    const [stuck, other] = [await residentWithExpiredToken(), await town.resident()];
    const gate = Promise.withResolvers<void>();
    await during({ kind: "delay", gate: gate.promise }, async () => {
      const waiting = imapLogin(stuck);
      await eventually(async () => (await town.postern.json("account", "show", stuck.email)).sessions === 1);
      // The other's token is new: nothing has to be asked.
      const asked = performance.now();
      const reply = await imapLogin(other);
      // It lives for a second only; a machine that was too slow has shown nothing.
      if (performance.now() - asked < 500) expect(reply).toMatch(/^OK /);
      gate.resolve();
      expect(await waiting).toMatch(/^OK /);
    });
  });
});
