// A machine whose clock is wrong, as the authorization server's Date header tells (issue 4, 5): signing in and renewing
// work all the same, and status says by how much the clock is wrong, and in which direction.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { attemptLogin } from "../support/mail-attempt.ts";
import { type ScriptedTown, startScriptedTown } from "../support/scripted-town.ts";

const EMAIL = "alice@example.test";
const HOURS = 3600;

let town: ScriptedTown;

beforeAll(async () => {
  town = await startScriptedTown();
});
afterAll(() => town.close());
afterEach(async () => {
  await (await town.control()).call("account.remove", { email: EMAIL });
  // What is known of clocks ends with the program.
  await town.restart();
});

const notices = async (): Promise<string[]> => (await (await town.control()).call("status", {})).notices;

/** Where the server is, each in its own way. */
const ways: [string, (issuer: string) => Readonly<Record<string, string>>][] = [
  ["by its metadata", () => ({})],
  [
    "by endpoints that were given, where nothing was heard of its clock before the tokens came",
    (issuer) => ({
      "--authorization-endpoint": `${issuer}/authorize`,
      "--token-endpoint": `${issuer}/token`,
    }),
  ],
];

describe.each([
  ["2 hours ahead", 2 * HOURS, "2 hours slow"],
  ["2 hours behind", -2 * HOURS, "2 hours fast"],
  ["5 minutes behind", -300, "5 minutes fast"],
])("at a server that is %s", (_what, clockAhead, told) => {
  test.each(ways)("that is found %s, a person is signed in, and stays so", async (_way, changes) => {
    // The id_token is good for five minutes of the server's time, and each access token for one second.
    town.server.script = { clockAhead, idToken: { email: EMAIL }, expiresIn: 1 };
    await town.add(EMAIL, changes(town.server.issuer));
    const finished = await town.logIn(EMAIL);
    expect(finished.stderr).not.toContain("not valid");
    expect(finished.exitCode).toBe(0);
    expect((await town.show(EMAIL)).identity).toBe(EMAIL);
    expect(await notices()).toEqual([
      expect.stringMatching(
        new RegExp(
          `^The clock of this machine is ${told}, measured at localhost:\\d+\\. .*set the clock\\.$`,
        ),
      ),
    ]);

    const login = await town.createPassword(EMAIL);
    await town.restart();
    expect(await attemptLogin(town.postern.imapPort, login)).toMatch(/^OK /);
    const refreshes = town.server
      .requestsFor("/token")
      .filter(({ form }) => form.get("grant_type") === "refresh_token");
    expect(refreshes.length).toBeGreaterThan(0);
    expect((await town.show(EMAIL)).status.kind).toBe("working");
    // Measured anew, and said to people too.
    expect((await town.postern.cli("status")).stdout).toContain(`▲ The clock of this machine is ${told}`);
  });
});

test.each([0, 100, -100])("nothing is said of a clock that is wrong by %i seconds", async (clockAhead) => {
  town.server.script = { clockAhead, idToken: { email: EMAIL } };
  await town.add(EMAIL);
  expect((await town.logIn(EMAIL)).exitCode).toBe(0);
  expect(await notices()).toEqual([]);
});

test("a server's own wrong id_token is not excused by the clock", async () => {
  const ended = Math.floor(Date.now() / 1000) + 2 * HOURS - 600;
  town.server.script = { clockAhead: 2 * HOURS, idToken: { email: EMAIL, exp: ended } };
  await town.add(EMAIL);
  const finished = await town.logIn(EMAIL);
  expect(finished.exitCode).toBe(5);
  expect(finished.stderr).toContain("statement about who signed in is not valid");
  expect((await town.show(EMAIL)).status.kind).toBe("signed-out");
});
