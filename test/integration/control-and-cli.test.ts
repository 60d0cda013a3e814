// The control API to those who should not use it, and the command line to those who should: what each command takes,
// says and answers a script with; and signing in, with a browser that others may interfere with.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer, request as httpRequest, type OutgoingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { proofOf } from "../../src/control/secret.ts";
import {
  CONFIDENTIAL_CLIENT_ID,
  CONFIDENTIAL_CLIENT_SECRET,
  PUBLIC_CLIENT_ID,
} from "../support/authorization-server.ts";
import { authorizationResponseFor } from "../support/browser.ts";
import { type Person, signInAs } from "../support/person.ts";
import { preparePostern, runPostern } from "../support/postern.ts";
import { collect, firstLine } from "../support/process.ts";
import { connectRaw, logInToImap, sendImap } from "../support/raw-client.ts";
import { request } from "../support/request.ts";
import type { ProgramResult } from "../support/run-program.ts";
import { startTown, type Town } from "../support/town.ts";

const PROGRAM = resolve(import.meta.dirname, "../../dist/cli/main.js");

let town: Town;

beforeAll(async () => {
  town = await startTown({ people: 40 });
});

afterAll(async () => {
  await town.close();
});

const cli = (...words: string[]): Promise<ProgramResult> => town.postern.cli(...words);

/** The words after `account add EMAIL`, each option's replaced by what is given. */
function accountWords(changes: Readonly<Record<string, string | undefined>> = {}): string[] {
  const words: Record<string, string | undefined> = {
    "--issuer": town.authorizationServer.issuer,
    "--client-id": PUBLIC_CLIENT_ID,
    "--imap": `localhost:${town.imap.port}`,
    "--imap-tls": "implicit",
    "--smtp": `localhost:${town.smtp.port}`,
    "--smtp-tls": "implicit",
    ...changes,
  };
  return Object.entries(words).flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
}

let newcomers = 0;

/** Somebody whom the authorization server knows, with an account here that nobody has signed in to. */
async function newcomer(changes: Readonly<Record<string, string | undefined>> = {}): Promise<Person> {
  newcomers += 1;
  // From the other end: `resident` takes them from the beginning.
  const number = 41 - newcomers;
  const person = { email: `resident${number}@example.test`, password: `secret of resident ${number}` };
  await town.postern.json("account", "add", person.email, ...accountWords(changes));
  return person;
}

interface Login {
  readonly authorizationUrl: string;
  readonly redirectUri: string;
  readonly state: string;
  readonly finished: Promise<ProgramResult>;
  interrupt(): void;
}

/** `postern login EMAIL --no-open` with more words, up to its first line. */
async function startLogin(person: Person, ...more: string[]): Promise<Login> {
  const child = spawn(process.execPath, [PROGRAM, "login", person.email, "--no-open", ...more], {
    env: town.postern.env,
  });
  child.stdin.end();
  const output = collect(child);
  const finished = once(child, "close").then(([exitCode]) => ({
    exitCode,
    stdout: output.stdout(),
    stderr: output.stderr(),
  }));
  const authorizationUrl = await firstLine(child, output);
  const parameters = new URL(authorizationUrl).searchParams;
  return {
    authorizationUrl,
    redirectUri: parameters.get("redirect_uri") ?? "",
    state: parameters.get("state") ?? "",
    finished,
    interrupt: () => void child.kill("SIGINT"),
  };
}

const finalRedirect = (login: Login, person: Person): Promise<string> =>
  authorizationResponseFor(login.authorizationUrl, { ...person, authority: town.authority });

describe("the control API", () => {
  let endpoint = "";
  let secret = "";

  beforeAll(async () => {
    ({ endpoint, secret } = JSON.parse(await readFile(join(town.postern.home, "control.json"), "utf8")));
  });

  interface Answer {
    readonly status: number;
    readonly headers: Record<string, unknown>;
    readonly body: string;
  }

  async function send(
    options: { method?: string; path?: string; headers?: OutgoingHttpHeaders; body?: string } = {},
  ): Promise<Answer> {
    const headers = {
      "content-type": "application/json",
      authorization: `Bearer ${secret}`,
      ...options.headers,
    };
    const outgoing = httpRequest({
      socketPath: endpoint,
      agent: false,
      method: options.method ?? "POST",
      path: options.path ?? "/control/status",
      // Undefined takes a header away.
      headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)),
    });
    // Whoever is refused may find the connection closed before all of the body was read.
    outgoing.on("error", () => {});
    outgoing.end(options.body ?? "{}");
    const [incoming] = await once(outgoing, "response");
    return { status: incoming.statusCode, headers: incoming.headers, body: await text(incoming) };
  }

  const addition = JSON.stringify({
    settings: {
      email: "intruder@example.test",
      issuer: "https://evil.example",
      clientId: "x",
      scope: "x",
      redirectPath: "/callback",
      imap: { host: "evil.example", port: 993, tls: "implicit" },
      smtp: { host: "evil.example", port: 465, tls: "implicit" },
      mechanism: "auto",
    },
  });
  const refused: [string, number, Parameters<typeof send>[0] & object][] = [
    ["no bearer", 401, { headers: { authorization: undefined } }],
    ["an empty one", 401, { headers: { authorization: "Bearer " } }],
    ["a wrong one", 401, { headers: { authorization: `Bearer ${"A".repeat(43)}` } }],
    ["a user name and password", 401, { headers: { authorization: "Basic YTpi" } }],
    ["an Origin", 403, { headers: { origin: "https://evil.example" } }],
    ["the Origin null", 403, { headers: { origin: "null" } }],
    ["our own Origin", 403, { headers: { origin: "http://127.0.0.1" } }],
    ["Sec-Fetch-Site", 403, { headers: { "sec-fetch-site": "cross-site" } }],
    ["Sec-Fetch-Site: same-origin", 403, { headers: { "sec-fetch-site": "same-origin" } }],
    ["GET", 405, { method: "GET", body: "" }],
    ["HEAD", 405, { method: "HEAD", body: "" }],
    ["PUT", 405, { method: "PUT" }],
    ["DELETE", 405, { method: "DELETE" }],
    ["OPTIONS", 405, { method: "OPTIONS", body: "" }],
    [
      "an upgrade to WebSocket",
      405,
      { method: "GET", body: "", headers: { connection: "Upgrade", upgrade: "websocket" } },
    ],
    ["a form", 415, { headers: { "content-type": "application/x-www-form-urlencoded" } }],
    ["plain text", 415, { headers: { "content-type": "text/plain" } }],
    ["no content type", 415, { headers: { "content-type": undefined } }],
    ["a method that there is not", 404, { path: "/control/account.steal" }],
    ["a method that every object has", 404, { path: "/control/toString" }],
    ["another method that every object has", 404, { path: "/control/__proto__" }],
    ["the root", 404, { path: "/" }],
    ["a key too many", 400, { body: '{"more":1}' }],
    ["an array", 400, { body: "[]" }],
    ["null", 400, { body: "null" }],
    ["something that is not JSON", 400, { body: "{" }],
    ["a megabyte", 400, { body: `{"x":"${"y".repeat(1_000_000)}"}` }],
  ];
  for (const [name, status, options] of refused) {
    test(`with ${name} is answered with ${status}, and nothing happens (A7, C1, C2)`, async () => {
      const path = options.path ?? "/control/account.add";
      const answer = await send({ body: addition, ...options, path });
      expect(answer.status).toBe(status);
      for (const header of Object.keys(answer.headers)) expect(header).not.toMatch(/^access-control-/);
      expect(answer.headers["x-content-type-options"]).toBe("nosniff");
      expect(answer.headers["cache-control"]).toBe("no-store");
      if (options.method !== "HEAD") expect(JSON.parse(answer.body).error.code).toMatch(/^[a-z-]+$/);
      expect((await send()).body).not.toContain("intruder");
    });
  }

  test("with two bearers is answered with 401, whichever of them is the right one (A7)", async () => {
    const [right, wrong] = [`Bearer ${secret}`, `Bearer ${"A".repeat(43)}`];
    for (const both of [
      [right, wrong],
      [wrong, right],
      [right, right],
    ]) {
      // In this spelling the types of Node allow more than one.
      const headers = { authorization: undefined, Authorization: both };
      expect((await send({ headers })).status).toBe(401);
    }
  });

  test("answers the right question with the right secret", async () => {
    const answer = await send();
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body).processId).toBe(town.postern.ready.processId);
  });

  test("proves that it knows the secret without telling it, and only for a nonce that cannot be guessed", async () => {
    const nonce = "n".repeat(43);
    const headers = { authorization: undefined };
    const proof = await send({ path: "/control-proof", headers, body: JSON.stringify({ nonce }) });
    expect(JSON.parse(proof.body)).toEqual({ proof: proofOf(secret, nonce) });
    for (const body of ['{"nonce":"short"}', "{}", '{"nonce":7}', "[]", "null"]) {
      expect((await send({ path: "/control-proof", headers, body })).status).toBe(400);
    }
    const browser = { ...headers, origin: "https://evil.example" };
    expect((await send({ path: "/control-proof", headers: browser, body: "{}" })).status).toBe(403);
  });

  test("survives connections that say nothing, too much, or something else", async () => {
    const sockets = ["", "\x16\x03\x01", "GET / HTTP/9.9\r\n\r\n", "POST ".repeat(20_000)].map((first) => {
      const socket = connect(endpoint);
      socket.on("error", () => {});
      socket.write(first);
      return socket;
    });
    expect((await send()).status).toBe(200);
    for (const socket of sockets) socket.destroy();
  });

  test("is not told the secret by the command line when somebody else sits in its place", async () => {
    const { folder, env } = await preparePostern({ authority: town.authority });
    const asked: { url: string | undefined; headers: string }[] = [];
    const impostor = createServer((incoming, response) => {
      asked.push({ url: incoming.url, headers: JSON.stringify(incoming.headers) });
      response.end(JSON.stringify({ proof: proofOf("another secret", "x") }));
    });
    impostor.listen(join(folder, "impostor.sock"));
    await once(impostor, "listening");
    const file = { endpoint: join(folder, "impostor.sock"), secret: "s".repeat(43), processId: 1 };
    await writeFile(join(folder, "home", "control.json"), JSON.stringify(file), { mode: 0o600 });
    const finished = await runPostern(["status"], env);
    impostor.close();
    expect(finished.exitCode).not.toBe(0);
    expect(finished.stderr).toContain("another program answers");
    expect(asked).toHaveLength(1);
    expect(JSON.stringify(asked)).not.toContain("s".repeat(43));
    await rm(folder, { recursive: true });
  });
});

describe("the command line", () => {
  test("every command has a help text with an example", async () => {
    async function check(words: readonly string[]): Promise<number> {
      const { stdout, exitCode } = await cli(...words, "--help");
      expect(exitCode, words.join(" ")).toBe(0);
      const commands = [
        ...(stdout.split("\nCommands:\n")[1]?.split("\n\n")[0] ?? "").matchAll(/^ {2}([a-z-]+)/gm),
      ]
        .map(([, name = ""]) => name)
        .filter((name) => name !== "help");
      if (commands.length === 0) {
        expect(stdout, words.join(" ")).toMatch(/\nExamples?:\n {2}.*postern /);
        return 1;
      }
      const counts = await Promise.all(commands.map((name) => check([...words, name])));
      return counts.reduce((sum, count) => sum + count, 0);
    }
    expect(await check([])).toBeGreaterThanOrEqual(13);
  });

  test("wrong usage ends with 2 and says where the help is", async () => {
    const wrong = [
      [],
      ["nonsense"],
      ["account"],
      ["account", "add"],
      ["account", "add", "a@example.test"],
      ["login"],
      ["password", "create", "a@example.test"],
      ["status", "--nonsense"],
      ["settings", "set", "nonsense", "1"],
      ["settings", "set", "imap-port", "70000"],
      ["settings", "set", "failure-style", "rude"],
      ["serve", "--log-level", "loud"],
    ];
    const outcomes = await Promise.all(wrong.map((words) => cli(...words)));
    for (const [index, { exitCode, stderr }] of outcomes.entries()) {
      expect(exitCode, wrong[index]?.join(" ")).toBe(2);
      expect(stderr, wrong[index]?.join(" ")).toMatch(/--help|Usage:/);
    }
  });

  test("without a daemon every command that needs one ends with 3 and says how to start it", async () => {
    const { folder, env } = await preparePostern({ authority: town.authority });
    const commands = [
      ["status"],
      ["stop"],
      ["login", "a@example.test"],
      ["account", "list"],
      ["account", "show", "a@example.test"],
      ["account", "remove", "a@example.test"],
      ["account", "add", "a@example.test", ...accountWords()],
      ["password", "list", "a@example.test"],
      ["password", "create", "a@example.test", "--name", "x"],
      ["password", "revoke", "a@example.test", "--name", "x"],
      ["settings", "show"],
      ["settings", "set", "imap-port", "1"],
    ];
    await Promise.all(
      commands.map(async (words) => {
        const forPeople = await runPostern(words, env);
        expect(forPeople.exitCode, words.join(" ")).toBe(3);
        expect(forPeople.stderr).toContain("postern serve");
        expect(forPeople.stdout).toBe("");
        const forScripts = await runPostern([...words, "--json"], env);
        expect(forScripts.exitCode, words.join(" ")).toBe(3);
        expect(JSON.parse(forScripts.stdout)).toMatchObject({
          error: {
            code: "daemon-not-running",
            temporary: false,
            sentence: expect.any(String),
            action: expect.any(String),
          },
        });
      }),
    );
    await rm(folder, { recursive: true });
  });

  test("failures are JSON for who asked for JSON", async () => {
    const failures: [string[], number, string][] = [
      [["account", "show", "nobody@example.test"], 4, "account-unknown"],
      [["login", "nobody@example.test", "--no-open"], 4, "account-unknown"],
      [["password", "list", "nobody@example.test"], 4, "account-unknown"],
      [["account", "add", "x", ...accountWords()], 2, "request-invalid"],
      [["settings", "set", "nonsense", "1"], 2, "request-invalid"],
      [["settings", "set", "authority-file", "/nowhere/x.pem"], 78, "authority-file-unusable"],
    ];
    for (const [words, exitCode, code] of failures) {
      const finished = await cli(...words, "--json");
      expect(finished.exitCode, words.join(" ")).toBe(exitCode);
      expect(JSON.parse(finished.stdout).error.code).toBe(code);
    }
  });

  const invalid: [string, string, Readonly<Record<string, string | undefined>>][] = [
    ["an issuer without TLS (G2)", "a@example.test", { "--issuer": "http://login.example.test" }],
    ["an issuer that is no URL", "a@example.test", { "--issuer": "login.example.test" }],
    ["an issuer that is a file (G3)", "a@example.test", { "--issuer": "file:///etc/passwd" }],
    ["an address without @", "alice", {}],
    ["an address without a name", "@example.test", {}],
    ["an address without a domain", "alice@", {}],
    ["an address with a space", "a b@example.test", {}],
    ["an address with a control character (F2)", "a\x01auth=Bearer x@example.test", {}],
    ["a server without a port", "a@example.test", { "--imap": "imap.example.test" }],
    ["a server with port 0", "a@example.test", { "--imap": "imap.example.test:0" }],
    ["a server with port 65536", "a@example.test", { "--smtp": "smtp.example.test:65536" }],
    ["a server without a name", "a@example.test", { "--smtp": ":465" }],
    ["a server that is a URL", "a@example.test", { "--imap": "imaps://imap.example.test:993" }],
    ["a server with a user in it", "a@example.test", { "--imap": "user@imap.example.test:993" }],
    ["a server of bracketed nonsense", "a@example.test", { "--imap": "[zz]:993" }],
    ["an unknown TLS mode", "a@example.test", { "--imap-tls": "none" }],
    ["another unknown TLS mode", "a@example.test", { "--smtp-tls": "opportunistic" }],
    ["an unknown mechanism", "a@example.test", { "--mechanism": "plain" }],
    ["an empty client id", "a@example.test", { "--client-id": "" }],
    ["a scope with two spaces", "a@example.test", { "--scope": "mail  offline_access" }],
    ["a redirect path that is a host", "a@example.test", { "--redirect-path": "evil.example/callback" }],
    ["a redirect path with a query", "a@example.test", { "--redirect-path": "/callback?x" }],
    ["one endpoint of two", "a@example.test", { "--token-endpoint": "https://login.example.test/token" }],
    [
      "a token endpoint without TLS (G2)",
      "a@example.test",
      {
        "--authorization-endpoint": "https://login.example.test/authorize",
        "--token-endpoint": "http://login.example.test/token",
      },
    ],
    [
      "a client secret file that is not there",
      "a@example.test",
      { "--client-secret-file": "/nowhere/secret" },
    ],
    ["a client secret file that is empty", "a@example.test", { "--client-secret-file": "/dev/null" }],
  ];
  test("account add refuses what cannot work, before anything is kept", async () => {
    const before = await readFile(join(town.postern.home, "config.json")).catch(() => undefined);
    await Promise.all(
      invalid.map(async ([name, email, changes]) => {
        const finished = await cli("account", "add", email, ...accountWords(changes));
        expect(finished.exitCode, name).toBe(2);
        expect(finished.stderr, name).not.toBe("");
        // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not reach a terminal.
        expect(finished.stderr, name).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
      }),
    );
    expect(await readFile(join(town.postern.home, "config.json")).catch(() => undefined)).toEqual(before);
  });

  test("a second account with the same address is refused, however it is written", async () => {
    const { email } = await newcomer();
    for (const again of [email, email.toUpperCase()]) {
      const finished = await cli("account", "add", again, ...accountWords());
      expect(finished.exitCode).toBe(4);
      expect(finished.stderr).toContain("already");
    }
  });

  test("the client secret is read from a file, used, and never shown again", async () => {
    const file = join(town.postern.folder, "client-secret");
    await writeFile(file, `${CONFIDENTIAL_CLIENT_SECRET}\n`, { mode: 0o600 });
    const person = await newcomer({ "--client-id": CONFIDENTIAL_CLIENT_ID, "--client-secret-file": file });
    await rm(file);
    expect((await town.postern.signIn(person)).exitCode).toBe(0);
    const shown = await Promise.all([
      cli("account", "show", person.email),
      cli("account", "show", person.email, "--json"),
      cli("account", "list", "--json"),
      cli("status"),
      cli("status", "--json"),
      cli("settings", "show", "--json"),
    ]);
    expect(JSON.parse(shown[1]?.stdout ?? "")).toMatchObject({ hasClientSecret: true });
    for (const { stdout, stderr } of shown) expect(stdout + stderr).not.toContain(CONFIDENTIAL_CLIENT_SECRET);
    expect(town.postern.log()).not.toContain(CONFIDENTIAL_CLIENT_SECRET);
    for (const name of await readdir(town.postern.home)) {
      const octets = await readFile(join(town.postern.home, name)).catch(() => Buffer.alloc(0));
      expect(octets.includes(CONFIDENTIAL_CLIENT_SECRET), name).toBe(false);
    }
  });
});

describe("signing in", () => {
  test("the first line is the address and nothing else, with PKCE and a loopback redirect (H3)", async () => {
    const person = await newcomer();
    const login = await startLogin(person);
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
    const person = await newcomer();
    const login = await startLogin(person);
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
    const person = await newcomer();
    const login = await startLogin(person);
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
    const person = await newcomer();
    const login = await startLogin(person);
    const stripped = new URL(await finalRedirect(login, person));
    stripped.searchParams.delete("iss");
    expect((await request(stripped)).status).toBe(400);
    expect((await login.finished).exitCode).toBe(5);
  });

  test("a person who says no in the browser gets a page that says so, and exit code 5", async () => {
    const person = await newcomer();
    const login = await startLogin(person);
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
    const [person, other] = [await newcomer(), await newcomer()];
    const login = await startLogin(person);
    const answer = await signInAs(login.authorizationUrl, other, town.authority);
    expect(answer.status).toBe(400);
    const finished = await login.finished;
    expect(finished.exitCode).toBe(5);
    expect(finished.stderr).toContain("Somebody else signed in");
    expect(finished.stderr).toContain(`${other.email}, not ${person.email}`);
    expect(finished.stderr).toContain("--any-identity");
    for (const { email } of [person, other]) {
      expect((await cli("account", "show", email)).stdout).toContain("Nobody has signed in");
      expect((await town.statusOf(email)).kind).toBe("signed-out");
    }
  });

  test("somebody else who signs in is accepted with --any-identity: the mailbox may have another name", async () => {
    const [person, other] = [await newcomer(), await newcomer()];
    const login = await startLogin(person, "--any-identity");
    const answer = await signInAs(login.authorizationUrl, other, town.authority);
    expect(answer.status).toBe(200);
    const finished = await login.finished;
    expect(finished.exitCode).toBe(0);
    expect(finished.stdout).toContain(`Signed in to ${person.email}`);
    expect((await town.statusOf(person.email)).kind).toBe("working");
    expect((await town.statusOf(other.email)).kind).toBe("signed-out");
  });

  test("two attempts at once have a port and a state each; when one has worked, the other is over", async () => {
    const person = await newcomer();
    const [first, second] = [await startLogin(person), await startLogin(person)];
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
    const people = [await newcomer(), await newcomer()];
    const logins = await Promise.all(people.map((person) => startLogin(person)));
    await Promise.all(
      logins.map(({ authorizationUrl }, index) =>
        signInAs(authorizationUrl, people[index] ?? { email: "", password: "" }, town.authority),
      ),
    );
    for (const { finished } of logins) expect((await finished).exitCode).toBe(0);
    for (const { email } of people) expect((await town.statusOf(email)).kind).toBe("working");
  });

  test("a login that is interrupted leaves no listener behind", async () => {
    const person = await newcomer();
    const login = await startLogin(person);
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
    const person = await newcomer();
    const words = ["login", person.email, "--no-open", "--json"];
    const child = spawn(process.execPath, [PROGRAM, ...words], { env: town.postern.env });
    child.stdin.end();
    const output = collect(child);
    const { authorizationUrl } = JSON.parse(await firstLine(child, output));
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
    expect(lines).toEqual([{ authorizationUrl }, { signedIn: person.email }]);
  });

  test("that could not be kept is refused before an address is printed, and says what is missing", async () => {
    const person = await newcomer();
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
    const nowhere = await newcomer({ "--issuer": "https://localhost:9" });
    const unreachable = await cli("login", nowhere.email, "--no-open");
    expect(unreachable.exitCode).toBe(75);
    expect(unreachable.stdout).toBe("");
    const wrong = await newcomer({ "--issuer": `${town.authorizationServer.issuer}/nothing-here` });
    const finished = await cli("login", wrong.email, "--no-open");
    expect(finished.exitCode).toBe(78);
    expect(finished.stderr).toContain("--issuer");
  });
});

describe("local passwords", () => {
  const FORMAT = /^[abcdefghjkmnpqrstuvwxyz2-9]{26}$/;

  test("are shown once, 26 characters that can be told apart, never the same", async () => {
    const { email } = await newcomer();
    const made = await Promise.all(
      ["thunderbird", "scanner", "phone"].map((name) => town.postern.createPassword(email, name)),
    );
    for (const password of made) expect(password).toMatch(FORMAT);
    expect(new Set(made).size).toBe(3);
    const forPeople = await cli("password", "create", email, "--name", "another");
    expect(forPeople.stdout.split("\n")[0]).toMatch(FORMAT);
    expect(forPeople.stdout).toContain(`127.0.0.1 port ${town.postern.imapPort}`);

    const listed = await cli("password", "list", email, "--json");
    const names = JSON.parse(listed.stdout).passwords.map(({ name }: { name: string }) => name);
    expect(names.sort()).toEqual(["another", "phone", "scanner", "thunderbird"]);
    for (const password of made) expect(listed.stdout).not.toContain(password);
  });

  test("have names that are unique and can be printed", async () => {
    const { email } = await newcomer();
    await town.postern.createPassword(email, "scanner");
    expect((await cli("password", "create", email, "--name", "scanner")).exitCode).toBe(4);
    for (const name of ["", "  ", "a\x1bb", "x".repeat(101)]) {
      expect((await cli("password", "create", email, "--name", name)).exitCode, JSON.stringify(name)).toBe(2);
    }
    expect((await cli("password", "revoke", email, "--name", "nobody")).exitCode).toBe(4);
  });

  test("that are revoked open nothing from then on; the others do", async () => {
    const { email, password } = await town.resident();
    const other = await town.postern.createPassword(email, "other");
    await town.postern.json("password", "revoke", email, "--name", "test");
    const [refused, served] = [
      await connectRaw(town.postern.imapPort),
      await connectRaw(town.postern.imapPort),
    ];
    expect(await logInToImap(refused, { email, password })).toMatch(/^NO \[AUTHENTICATIONFAILED\] /);
    expect(await logInToImap(served, { email, password: other })).toMatch(/^OK /);
    expect(await sendImap(served, "LOGOUT")).toMatch(/^OK /);
    refused.socket.destroy();
  });

  test("of an account that was removed open nothing, and nothing of it is left in the keychain", async () => {
    const { email, password } = await town.resident();
    await town.postern.json("account", "remove", email);
    const client = await connectRaw(town.postern.imapPort);
    expect(await logInToImap(client, { email, password })).toMatch(/^NO \[AUTHENTICATIONFAILED\] /);
    client.socket.destroy();
    expect((await cli("account", "show", email)).exitCode).toBe(4);
    await town.postern.json("account", "add", email, ...accountWords());
    expect((await town.statusOf(email)).kind).toBe("signed-out");
    expect((await town.postern.json("password", "list", email)).passwords).toEqual([]);
  });
});
