// Signing in by the command line: the address it prints, the redirect listener that others may visit, and how it ends.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rename } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PUBLIC_CLIENT_ID } from "../support/authorization-server.ts";
import { authorizationResponseFor } from "../support/browser.ts";
import { type Login, newcomer, PEOPLE, startLogin } from "../support/newcomers.ts";
import { type Person, signInAs } from "../support/person.ts";
import { PROGRAM } from "../support/postern.ts";
import { collect, firstLine } from "../support/process.ts";
import { request } from "../support/request.ts";
import type { ProgramResult } from "../support/run-program.ts";
import { startTown, type Town } from "../support/town.ts";

let town: Town;

beforeAll(async () => {
  town = await startTown({ people: PEOPLE });
});

afterAll(async () => {
  await town.close();
});

const cli = (...words: string[]): Promise<ProgramResult> => town.postern.cli(...words);

const finalRedirect = (login: Login, person: Person): Promise<string> =>
  authorizationResponseFor(login.authorizationUrl, { ...person, authority: town.authority });

describe("signing in", () => {
  test("the first line is the address and nothing else, with PKCE and a loopback redirect (H3)", async () => {
    const person = await newcomer(town);
    const login = await startLogin(town, person);
    const { origin, searchParams } = new URL(login.authorizationUrl);
    expect(origin).toBe(town.authorizationServer.issuer);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      response_type: "code",
      client_id: PUBLIC_CLIENT_ID,
      code_challenge_method: "S256",
      code_challenge: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      state: expect.stringMatching(/^[A-Za-z0-9_-]{22,}$/),
      login_hint: person.email,
    });
    expect(searchParams.has("code_verifier")).toBe(false);
    expect(login.redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);

    const answer = await signInAs(login.authorizationUrl, person, town.authority);
    expect(answer.status).toBe(200);
    const finished = await login.finished;
    expect(finished.exitCode).toBe(0);
    expect(finished.stdout.split("\n")[0]).toBe(login.authorizationUrl);
    expect(finished.stdout).toContain(`Signed in to ${person.email}`);
    expect(finished.stdout).toContain(`postern password create ${person.email}`);
    expect((await town.statusOf(person.email)).kind).toBe("working");
  });

  test("whatever else visits the redirect listener changes nothing; the right answer works, once (B1, C6)", async () => {
    const person = await newcomer(town);
    const login = await startLogin(town, person);
    const right = await finalRedirect(login, person);
    const { port } = new URL(right);
    const wrongState = new URL(right);
    wrongState.searchParams.set("state", "x".repeat(login.state.length));
    const noState = new URL(right);
    noState.searchParams.delete("state");
    const script = new URL(login.redirectUri);
    script.search = "?error=x&error_description=<script>alert(1)</script>&state=nonsense";
    const path = right.replace("/callback", "/callback/");
    const visits: [string, number, Parameters<typeof request>[1] & object][] = [
      [wrongState.href, 400, {}],
      [noState.href, 400, {}],
      [script.href, 400, {}],
      [`${right}&x=${"y".repeat(9000)}`, 404, {}],
      [path, 404, {}],
      [right.replace("/callback", "/CALLBACK"), 404, {}],
      [right.replace("/callback", "/"), 404, {}],
      [right, 404, { method: "POST" }],
      [right, 404, { headers: { host: `localhost:${port}` } }],
      [right, 404, { headers: { host: `evil.example:${port}` } }],
      [right, 404, { headers: { host: "127.0.0.1" } }],
      [right, 404, { headers: { "sec-purpose": "prefetch" } }],
      [right, 404, { headers: { "sec-purpose": "prefetch;prerender" } }],
      [right, 404, { headers: { purpose: "prefetch" } }],
    ];
    for (const [url, status, options] of visits) {
      const answer = await request(url, options);
      expect(answer.status, `${url} ${JSON.stringify(options)}`).toBe(status);
      expect(answer.body).not.toContain("alert");
      expect(answer.headers["content-security-policy"]).toContain("default-src 'none'");
      expect(answer.headers["referrer-policy"]).toBe("no-referrer");
    }
    const head = httpRequest(right, { method: "HEAD", agent: false });
    head.end();
    const [incoming] = await once(head, "response");
    expect(incoming.statusCode).toBe(404);
    incoming.resume();
    expect(town.authorizationServer.tokenRequests("authorization_code")).toBe(await codesSoFar());

    const answer = await request(right);
    expect(answer.status).toBe(200);
    expect(answer.body).not.toContain(new URL(right).searchParams.get("code") ?? "none");
    expect((await login.finished).exitCode).toBe(0);
    await expect(request(right)).rejects.toThrow("ECONNREFUSED");
  });

  /** Token requests that succeeded: each stands for somebody who has signed in. */
  async function codesSoFar(): Promise<number> {
    return town.authorizationServer.requests.filter(
      ({ grantType, status }) => grantType === "authorization_code" && status === 200,
    ).length;
  }

  test("an answer with somebody else's issuer in it is refused before the code is used (H1)", async () => {
    const person = await newcomer(town);
    const login = await startLogin(town, person);
    const forged = new URL(await finalRedirect(login, person));
    expect(forged.searchParams.get("iss")).toBe(town.authorizationServer.issuer);
    forged.searchParams.set("iss", "https://evil.example");
    const before = town.authorizationServer.tokenRequests();
    const answer = await request(forged);
    expect(answer.status).toBe(400);
    expect(answer.body).not.toContain("evil.example");
    const finished = await login.finished;
    expect(finished.exitCode).toBe(5);
    expect(finished.stderr).toContain("does not belong to this sign-in");
    expect(town.authorizationServer.tokenRequests()).toBe(before);
    expect((await town.statusOf(person.email)).kind).toBe("signed-out");
  });

  test("an answer without an issuer is refused where the server promised one (H1)", async () => {
    const person = await newcomer(town);
    const login = await startLogin(town, person);
    const stripped = new URL(await finalRedirect(login, person));
    stripped.searchParams.delete("iss");
    expect((await request(stripped)).status).toBe(400);
    expect((await login.finished).exitCode).toBe(5);
  });

  test("a person who says no in the browser gets a page that says so, and exit code 5", async () => {
    const person = await newcomer(town);
    const login = await startLogin(town, person);
    const denied = await authorizationResponseFor(login.authorizationUrl, {
      ...person,
      authority: town.authority,
      decision: "deny",
    });
    expect(denied).toContain("error=access_denied");
    const answer = await request(denied);
    expect(answer.status).toBe(400);
    expect(answer.body).toContain("cancelled or refused");
    const finished = await login.finished;
    expect(finished.exitCode).toBe(5);
    expect(finished.stderr).toContain("cancelled or refused");
    expect(finished.stderr).toContain("postern login");
    expect((await town.statusOf(person.email)).kind).toBe("signed-out");
  });

  test("somebody else who signs in is told whose account it is, exit code 5, and nothing is kept (C7)", async () => {
    const [person, other] = [await newcomer(town), await newcomer(town)];
    const login = await startLogin(town, person);
    const answer = await signInAs(login.authorizationUrl, other, town.authority);
    expect(answer.body).toContain("One question is left");
    const finished = await login.finished;
    expect(finished.exitCode).toBe(5);
    expect(finished.stderr).toContain("Somebody else signed in");
    expect(finished.stderr).toContain(`${other.email}, not ${person.email}`);
    expect(finished.stderr).toContain("--any-identity");
    for (const { email } of [person, other]) {
      expect((await cli("account", "show", email)).stdout).toContain("Nobody is signed in");
      expect((await town.statusOf(email)).kind).toBe("signed-out");
    }
  });

  test("somebody else who signs in is accepted with --any-identity: the mailbox may have another name", async () => {
    const [person, other] = [await newcomer(town), await newcomer(town)];
    const login = await startLogin(town, person, "--any-identity");
    const answer = await signInAs(login.authorizationUrl, other, town.authority);
    expect(answer.status).toBe(200);
    const finished = await login.finished;
    expect(finished.exitCode).toBe(0);
    expect(finished.stdout).toContain(`Signed in to ${person.email}`);
    expect((await town.statusOf(person.email)).kind).toBe("working");
    expect((await town.statusOf(other.email)).kind).toBe("signed-out");
  });

  test("two attempts at once have a port and a state each; when one has worked, the other is over", async () => {
    const person = await newcomer(town);
    const [first, second] = [await startLogin(town, person), await startLogin(town, person)];
    expect(first.redirectUri).not.toBe(second.redirectUri);
    expect(first.state).not.toBe(second.state);
    expect((await town.postern.json("account", "show", person.email)).signInsWaiting).toBe(2);

    // The first attempt's answer at the second one's port belongs to nobody there.
    const mixedUp = new URL(await finalRedirect(first, person));
    mixedUp.port = new URL(second.redirectUri).port;
    expect((await request(mixedUp)).status).toBe(400);

    expect((await signInAs(second.authorizationUrl, person, town.authority)).status).toBe(200);
    expect((await second.finished).exitCode).toBe(0);
    expect((await first.finished).exitCode).toBe(5);
    await expect(request(first.redirectUri)).rejects.toThrow("ECONNREFUSED");
  });

  test("two people at once do not get in each other's way", async () => {
    const people = [await newcomer(town), await newcomer(town)];
    const logins = await Promise.all(people.map((person) => startLogin(town, person)));
    await Promise.all(
      logins.map(({ authorizationUrl }, index) =>
        signInAs(authorizationUrl, people[index] ?? { email: "", password: "" }, town.authority),
      ),
    );
    for (const { finished } of logins) expect((await finished).exitCode).toBe(0);
    for (const { email } of people) expect((await town.statusOf(email)).kind).toBe("working");
  });

  test("a login that is interrupted leaves no listener behind", async () => {
    const person = await newcomer(town);
    const login = await startLogin(town, person);
    expect((await request(login.redirectUri)).status).toBe(400);
    login.interrupt();
    await login.finished;
    await expect
      .poll(async () => (await town.postern.json("account", "show", person.email)).signInsWaiting, {
        timeout: 5000,
      })
      .toBe(0);
    await expect(request(login.redirectUri)).rejects.toThrow("ECONNREFUSED");
  });

  test("with --json: first the address, then the outcome, a line each", async () => {
    const person = await newcomer(town);
    const words = ["login", person.email, "--no-open", "--json"];
    const child = spawn(process.execPath, [PROGRAM, ...words], { env: town.postern.env });
    child.stdin.end();
    const output = collect(child);
    const started = JSON.parse(await firstLine(child, output));
    const { authorizationUrl, redirectUri } = started;
    expect(started).toEqual({ flow: "loopback", authorizationUrl, redirectUri });
    expect(new URL(authorizationUrl).searchParams.get("redirect_uri")).toBe(redirectUri);
    const [answer] = await Promise.all([
      signInAs(authorizationUrl, person, town.authority),
      once(child, "close"),
    ]);
    expect(answer.status).toBe(200);
    const lines = output
      .stdout()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const { email } = person;
    expect(lines).toEqual([started, { signedIn: email, outcome: "signed-in", identity: email, notices: [] }]);
  });

  test("that could not be kept is refused before an address is printed, and says what is missing", async () => {
    const person = await newcomer(town);
    const key = join(town.postern.folder, "key");
    await rename(key, `${key}.away`);
    try {
      const finished = await cli("login", person.email, "--no-open");
      expect(finished.exitCode).toBe(78);
      expect(finished.stdout).toBe("");
      expect(finished.stderr).toContain("POSTERN_KEYCHAIN_KEY_FILE");
    } finally {
      await rename(`${key}.away`, key);
    }
    expect((await town.postern.signIn(person)).exitCode).toBe(0);
  });

  test("at a server that is not there ends with 75, at one that has no metadata with 78", async () => {
    const nowhere = await newcomer(town, { "--issuer": "https://localhost:9" });
    const unreachable = await cli("login", nowhere.email, "--no-open");
    expect(unreachable.exitCode).toBe(75);
    expect(unreachable.stdout).toBe("");
    const wrong = await newcomer(town, { "--issuer": `${town.authorizationServer.issuer}/nothing-here` });
    const finished = await cli("login", wrong.email, "--no-open");
    expect(finished.exitCode).toBe(78);
    expect(finished.stderr).toContain("--issuer");
  });
});
