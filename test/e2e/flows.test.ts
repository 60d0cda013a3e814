// Every way of signing in, to its end: oidc-provider over TLS, and then mail through Dovecot and Postfix.
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { authorizationResponseFor } from "../support/browser.ts";
import type { InteractiveProgram } from "../support/interactive-program.ts";
import { type Person, signInAs } from "../support/person.ts";
import { describeWithRealServers } from "../support/real-servers.ts";
import { signInByDeviceCode, signInByImport } from "../support/real-sign-ins.ts";
import { type RealTown, startRealTown } from "../support/real-town.ts";
import { request } from "../support/request.ts";
import type { ProgramResult } from "../support/run-program.ts";
import { eventually } from "../support/town.ts";

/** RFC 8252 §7.3 and §8.3: the redirect URI, and the address that a browser takes for its host. */
const LOOPBACKS: readonly (readonly [redirectUri: string, address: string])[] = [
  ["http://127.0.0.1/callback", "127.0.0.1"],
  ["http://[::1]/callback", "[::1]"],
  ["http://localhost/callback", "127.0.0.1"],
  ["http://localhost/callback", "[::1]"],
];

describeWithRealServers("signing in", () => {
  let town: RealTown;
  const signedIn: Person[] = [];

  beforeAll(async () => {
    town = await startRealTown();
  });
  afterAll(() => town?.stop());

  const browserOf = (person: Person) => ({ ...person, authority: town.authority });
  const authorizationUrlOf = async (program: InteractiveProgram): Promise<string> =>
    (await program.said(/^https:\S+$/m))[0];

  /** The program has said so, and what the person writes arrives. */
  async function expectMail(person: Person, login: Promise<ProgramResult>): Promise<void> {
    const { exitCode, stdout, stderr } = await login;
    expect(exitCode, stdout + stderr).toBe(0);
    await town.exchangeMail(person);
    expect((await town.statusOf(person)).kind).toBe("working");
    signedIn.push(person);
  }

  describe("in a browser on this machine", () => {
    it.each(LOOPBACKS)("with %s, where the browser goes to %s", async (redirectUri, address) => {
      const person = await town.newcomer({ "--redirect-uri": redirectUri });
      const program = town.login(person, ["--no-open"]);
      const response = await authorizationResponseFor(await authorizationUrlOf(program), browserOf(person));
      const { protocol, host, port, pathname, search } = new URL(response);
      expect(`${protocol}//${host}${pathname}`).toBe(redirectUri.replace("/callback", `:${port}/callback`));
      const page = await request(`http://${address}:${port}${pathname}${search}`, { headers: { host } });
      expect(page).toMatchObject({ status: 200, body: expect.stringContaining("You are signed in") });
      await expectMail(person, program.finished);
    });

    it("that the program opens, where there is a display", async () => {
      const person = await town.newcomer();
      const visited = join(town.postern.folder, "visited");
      const PATH = await standInForBrowser(town.postern.folder, visited);
      const program = town.login(person, [], { DISPLAY: ":0", PATH });
      const visitedUrl = () => readFile(visited, "utf8").catch(() => "");
      await eventually(async () => (await visitedUrl()).endsWith("\n"));
      await signInAs((await visitedUrl()).trim(), person, town.authority);
      await expectMail(person, program.finished);
      expect((await program.finished).stdout).not.toContain("https:");
    });
  });

  describe("where the browser is somewhere else", () => {
    it("by pasting the whole address that it ends at", async () => {
      const person = await town.newcomer();
      const program = town.login(person, ["--flow", "paste"]);
      program.type(await authorizationResponseFor(await authorizationUrlOf(program), browserOf(person)));
      await expectMail(person, program.finished);
    });

    it("by a device code, which is what login takes by itself without a display", async () => {
      const person = await town.newcomer();
      await expectMail(person, signInByDeviceCode(town, person, []));
    });

    it("nowhere: with a refresh token that another tool got", async () => {
      const person = await town.newcomer();
      await expectMail(person, signInByImport(town, person));
    });
  });

  it("is not ended by wrong local passwords, which reach nobody but Postern", async () => {
    expect(signedIn).toHaveLength(LOOPBACKS.length + 4);
    const before = town.authorizationServer.requests.length;
    const refused = await Promise.all(signedIn.map((person) => town.answersTo(person, "not the password")));
    for (const { imap, smtp } of refused) {
      expect(imap).toContain("NO [AUTHENTICATIONFAILED]");
      expect(smtp).toMatch(/^535 /);
    }
    expect(town.authorizationServer.requests.length).toBe(before);
    for (const person of signedIn) expect((await town.statusOf(person)).kind).toBe("working");
  });

  it("lasts: after a restart each one is renewed once, with nobody at a browser, and mail goes on", async () => {
    const before = town.authorizationServer.requests.length;
    await town.restart();
    await Promise.all(signedIn.map((person) => town.exchangeMail(person)));
    const grants = town.authorizationServer.requests.slice(before).map(({ grantType }) => grantType);
    expect(grants.filter((grant) => grant !== undefined)).toEqual(signedIn.map(() => "refresh_token"));
    for (const person of signedIn) expect((await town.statusOf(person)).kind).toBe("working");
  });
});

/** A PATH whose `xdg-open` writes down the address it was given. */
async function standInForBrowser(folder: string, visited: string): Promise<string> {
  const programs = join(folder, "programs");
  await mkdir(programs);
  const program = join(programs, "xdg-open");
  await writeFile(program, `#!/bin/sh\nprintf '%s\\n' "$1" > '${visited}'\n`);
  await chmod(program, 0o755);
  return `${programs}${delimiter}${process.env.PATH}`;
}
