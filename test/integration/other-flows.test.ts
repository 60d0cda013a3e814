// Signing in where the browser is not: pasted answers, device codes, imported refresh tokens, other redirect addresses;
// and signing out. Each ends with mail that is read through Postern.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { approveDevice, authorizationResponseFor } from "../support/browser.ts";
import { runInteractively } from "../support/interactive-program.ts";
import { findFreePorts } from "../support/loopback-port.ts";
import { newcomer, PEOPLE } from "../support/newcomers.ts";
import { signIn } from "../support/openid-program.ts";
import { type Person, signInAs } from "../support/person.ts";
import { connectRaw, logInToImap } from "../support/raw-client.ts";
import { startTown, type Town } from "../support/town.ts";
import { trustInThisProcess } from "../support/trust.ts";

let town: Town;

beforeAll(async () => {
  town = await startTown({ people: PEOPLE });
  // The other tool of the imports runs in this process.
  trustInThisProcess(town.authority);
});

afterAll(async () => {
  await town.close();
});

const login = (person: Person, ...words: string[]) =>
  runInteractively(["login", person.email, ...words], town.postern.env);
const browserOf = (person: Person) => ({ ...person, authority: town.authority });

/** The mailbox is open, by a local password made now. */
async function expectMail(person: Person): Promise<void> {
  const password = await town.postern.createPassword(person.email, `for ${Math.random()}`);
  const mail = await connectRaw(town.postern.imapPort);
  expect(await logInToImap(mail, { email: person.email, password })).toMatch(/^OK /);
  expect((await town.statusOf(person.email)).kind).toBe("working");
}

const isSignedOut = async (person: Person): Promise<boolean> =>
  (await town.statusOf(person.email)).kind === "signed-out";

describe("a pasted answer", () => {
  const forms: [string, (redirect: URL) => string][] = [
    ["the whole address", ({ href }) => href],
    ["the whole address in quotes, with spaces around", ({ href }) => `  "${href}" `],
    ["its query", ({ search }) => search],
    ["its query without the question mark", ({ search }) => search.slice(1)],
    ["the bare code", ({ searchParams }) => searchParams.get("code") ?? ""],
  ];

  test.each(forms)("may be %s", async (_what, form) => {
    const person = await newcomer(town);
    const program = login(person, "--flow", "paste");
    const [authorizationUrl] = await program.said(/^https:\S+$/m);
    const redirect = await authorizationResponseFor(authorizationUrl, browserOf(person));
    program.type(form(new URL(redirect)));
    const finished = await program.finished;
    expect(finished.stderr).toContain("paste");
    expect(finished.exitCode).toBe(0);
    await expectMail(person);
  });

  test("of another sign-in or from another issuer is refused, and the right one still works", async () => {
    const person = await newcomer(town);
    const program = login(person, "--flow", "paste");
    const [authorizationUrl] = await program.said(/^https:\S+$/m);
    const redirect = await authorizationResponseFor(authorizationUrl, browserOf(person));
    const before = town.authorizationServer.tokenRequests("authorization_code");
    const [otherState, otherIssuer] = [new URL(redirect), new URL(redirect)];
    otherState.searchParams.set("state", "x".repeat(43));
    otherIssuer.searchParams.set("iss", "https://evil.example");
    const wrongs = [
      otherState.href,
      otherIssuer.href,
      authorizationUrl,
      "https://evil.example/callback?code=x",
    ];
    let refusals = 0;
    for (const wrong of wrongs) {
      program.type(wrong);
      refusals += 1;
      await program.said(new RegExp(`(?:does not hold[\\s\\S]*){${refusals}}`));
    }
    expect(town.authorizationServer.tokenRequests("authorization_code")).toBe(before);
    program.type(redirect);
    expect((await program.finished).exitCode).toBe(0);
    await expectMail(person);
  });

  test("that never comes on a standard input that ends is no sign-in", async () => {
    const person = await newcomer(town);
    const program = login(person, "--flow", "paste");
    await program.said(/^https:\S+$/m);
    program.hangUp();
    const finished = await program.finished;
    expect(finished.exitCode).toBe(5);
    expect(finished.stderr).toContain("standard input ended");
    expect(await isSignedOut(person)).toBe(true);
  });

  test("is all that is possible where the redirect is not of this machine, and loopback says so", async () => {
    const person = await newcomer(town, { "--redirect-uri": "https://127.0.0.1/callback" });
    const finished = await login(person, "--flow", "loopback").finished;
    expect(finished.exitCode).toBe(5);
    expect(finished.stderr).toContain("https://127.0.0.1/callback");
  });
});

describe("a device code", () => {
  test("is shown, typed in another browser, and signs in", async () => {
    const person = await newcomer(town);
    const program = login(person, "--flow", "device", "--json");
    const [line] = await program.said(/^\{.*\}$/m);
    const started = JSON.parse(line);
    expect(started).toMatchObject({
      flow: "device",
      userCode: expect.stringMatching(/^[A-Z0-9-]{8,}$/),
      verificationUri: `${town.authorizationServer.issuer}/device`,
    });
    expect(started.expiresAt).toBeGreaterThan(Date.now());
    expect(await approveDevice(started.verificationUriComplete, browserOf(person))).toContain("Signed in");
    const finished = await program.finished;
    expect(finished.stdout).toContain('"outcome":"signed-in"');
    expect(finished.exitCode).toBe(0);
    await expectMail(person);
  });

  test("comes in words for people, with what to open and what to type", async () => {
    const person = await newcomer(town);
    const program = login(person, "--flow", "device");
    await program.said(/open\s+https:\S+\/device\b[\s\S]*type this code:\s+[A-Z0-9-]{8,}/);
    await program.said(/Only if you started this yourself/);
    program.interrupt();
    await program.finished;
    await expect
      .poll(async () => (await town.postern.json("account", "show", person.email)).signInsWaiting, {
        timeout: 5000,
      })
      .toBe(0);
  });

  test("that is refused in the browser ends at once, and is told apart from a failure", async () => {
    const person = await newcomer(town);
    const program = login(person, "--flow", "device", "--json");
    const [line] = await program.said(/^\{.*\}$/m);
    const { verificationUriComplete } = JSON.parse(line);
    await approveDevice(verificationUriComplete, { ...browserOf(person), decision: "deny" }).catch(() => {});
    const finished = await program.finished;
    expect(finished.exitCode).toBe(5);
    expect(finished.stdout).toContain("sign-in-denied");
  });
});

describe("an imported refresh token", () => {
  /** A refresh token of a person, as another tool with the same client id would hold it. */
  async function foreignToken(person: Person): Promise<string> {
    const { refresh_token } = await signIn(town.authorizationServer, browserOf(person));
    if (refresh_token === undefined) throw new Error("the other tool got no refresh token");
    return refresh_token;
  }

  test("is taken from standard input, used once, and what comes in its place is kept", async () => {
    const person = await newcomer(town);
    const program = login(person, "--import");
    program.type(await foreignToken(person));
    const finished = await program.finished;
    expect(finished.stderr).not.toContain("Error");
    expect(finished.exitCode).toBe(0);
    await expectMail(person);
  });

  test("that has ended, or belongs to another client, is refused and nothing is kept", async () => {
    const person = await newcomer(town);
    const program = login(person, "--import");
    program.type("not-a-refresh-token-at-all");
    const finished = await program.finished;
    expect(finished.exitCode).toBe(5);
    expect(finished.stderr).toContain("client id");
    expect(finished.stderr).not.toContain("not-a-refresh-token-at-all");
    expect(await isSignedOut(person)).toBe(true);
  });

  test("of somebody else is not kept", async () => {
    const [person, other] = [await newcomer(town), await newcomer(town)];
    const program = login(person, "--import");
    program.type(await foreignToken(other));
    const finished = await program.finished;
    expect(finished.exitCode).toBe(5);
    expect(finished.stderr).toContain(`${other.email}, not ${person.email}`);
    expect(await isSignedOut(person)).toBe(true);
  });

  test("that is missing is wrong usage", async () => {
    const program = login(await newcomer(town), "--import");
    program.hangUp();
    expect((await program.finished).exitCode).toBe(2);
  });
});

describe("the redirect", () => {
  test.each(["http://localhost/callback", "http://[::1]/callback"])(
    "may be %s, at whatever port is free",
    async (redirectUri) => {
      const person = await newcomer(town, { "--redirect-uri": redirectUri });
      const program = login(person, "--no-open");
      const [authorizationUrl] = await program.said(/^https:\S+$/m);
      expect((await signInAs(authorizationUrl, person, town.authority)).status).toBe(200);
      expect((await program.finished).exitCode).toBe(0);
      await expectMail(person);
    },
  );

  test("comes to the port that a person names, and a taken one is said", async () => {
    const person = await newcomer(town);
    const [free] = await findFreePorts(1);
    const port = String(free);
    const program = login(person, "--redirect-port", port);
    const [authorizationUrl] = await program.said(/^https:\S+$/m);
    const taken = await login(person, "--redirect-port", port).finished;
    expect(taken.exitCode).not.toBe(0);
    expect(taken.stderr).toContain(port);
    const answer = await signInAs(authorizationUrl, person, town.authority);
    expect(answer.redirectUri).toContain(`http://127.0.0.1:${port}/`);
    expect((await program.finished).exitCode).toBe(0);
    await expectMail(person);
  });
});

describe("signing out", () => {
  async function signedIn(): Promise<Person> {
    const person = await newcomer(town);
    expect((await town.postern.signIn(person)).exitCode).toBe(0);
    return person;
  }

  test("forgets here, keeps the account, and asks nobody", async () => {
    const person = await signedIn();
    const before = town.authorizationServer.requests.length;
    expect((await town.postern.cli("logout", person.email)).stdout).toContain("Signed out");
    expect(await isSignedOut(person)).toBe(true);
    expect(town.authorizationServer.requests.length).toBe(before);
  });

  test("with --revoke warns first, and tells the provider", async () => {
    const person = await signedIn();
    const asked = await town.postern.cli("logout", person.email, "--revoke");
    expect(asked.exitCode).toBe(2);
    expect(asked.stderr).toContain("every machine");
    expect(await isSignedOut(person)).toBe(false);
    const { revocation } = await town.postern.json("logout", person.email, "--revoke", "--yes");
    expect(revocation).toBe("done");
    expect(await isSignedOut(person)).toBe(true);
    expect(town.authorizationServer.requests.at(-1)).toMatchObject({
      path: "/token/revocation",
      status: 200,
    });
  });

  test("works here though the provider cannot be told, and says so", async () => {
    const person = await signedIn();
    await town.authorizationServer.pause();
    try {
      const finished = await town.postern.cli("logout", person.email, "--revoke", "--yes");
      expect(finished.exitCode).toBe(75);
      expect(finished.stdout).toContain("could not be told");
      expect(await isSignedOut(person)).toBe(true);
      const start = performance.now();
      expect((await town.postern.cli("account", "remove", person.email)).exitCode).toBe(0);
      expect(performance.now() - start).toBeLessThan(5000);
    } finally {
      await town.authorizationServer.resume();
    }
  });
});

describe("an access token for another program", () => {
  test("is refused until a person switches it on, and is the one that the mail server takes", async () => {
    const person = await newcomer(town);
    expect((await town.postern.signIn(person)).exitCode).toBe(0);
    const refused = await town.postern.cli("token", person.email);
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stdout).toBe("");
    expect(refused.stderr).toContain(`postern account set ${person.email} token-access on`);
    await town.postern.json("account", "set", person.email, "token-access", "on");
    const { stdout } = await town.postern.cli("token", person.email);
    expect(await town.authorizationServer.checkToken(stdout.trim())).toBe(person.email);
    expect(town.postern.log()).toContain("an access token was handed out");
    expect(town.postern.log()).not.toContain(stdout.trim());
    await town.postern.json("account", "set", person.email, "token-access", "off");
    expect((await town.postern.cli("token", person.email)).stdout).toBe("");
  });
});

describe("a local user name", () => {
  test("without @ opens the same mailbox, and never two", async () => {
    const [person, other] = [await newcomer(town), await newcomer(town)];
    expect((await town.postern.signIn(person)).exitCode).toBe(0);
    await town.postern.json("account", "set", person.email, "local-user", "scanner");
    const password = await town.postern.createPassword(person.email, "scanner");
    const mail = await connectRaw(town.postern.imapPort);
    expect(await logInToImap(mail, { email: "Scanner", password })).toMatch(/^OK /);
    expect(town.logins.at(-1)?.user).toBe(person.email);
    const taken = await town.postern.cli("account", "set", other.email, "local-user", "SCANNER");
    expect(taken.exitCode).toBe(4);
  });
});
