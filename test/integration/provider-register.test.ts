// `postern provider …` as a person runs it: the real program, its daemon, and an authorization server on this machine.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestAuthority, type TestAuthority } from "../support/authority.ts";
import { hasTerminals, runAtTerminal } from "../support/interactive-program.ts";
import { type Postern, runPostern, startPostern } from "../support/postern.ts";
import {
  OPENID_PATH,
  type SmallAuthorizationServer,
  startSmallAuthorizationServer,
} from "../support/small-authorization-server.ts";

const SECRET = "a-very-secret-client-secret";

let authority: TestAuthority;
let postern: Postern;
let server: SmallAuthorizationServer;

beforeAll(async () => {
  authority = await createTestAuthority();
  server = await startSmallAuthorizationServer({
    authority,
    metadata: (origin) => ({
      [OPENID_PATH]: {
        issuer: origin,
        authorization_endpoint: `${origin}/authorize`,
        token_endpoint: `${origin}/token`,
        response_types_supported: ["code"],
      },
    }),
  });
  postern = await startPostern({ authority });
});

afterAll(async () => {
  await postern.remove();
  await server.close();
});

/** Every file of Postern's, as text. */
function homeAsText(): string {
  return readdirSync(postern.home, { recursive: true, encoding: "utf8" })
    .map((name) => join(postern.home, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, "latin1"))
    .join("\n");
}

describe("without a daemon", () => {
  const env = { POSTERN_HOME: "/nonexistent" };

  test.each([
    ["provider", "list"],
    ["provider", "show", "alice@gmail.com"],
    ["admin", "register", "microsoft", "--tenant", "contoso.com"],
  ])("%s %s works", async (...words) => {
    const { exitCode, stdout, stderr } = await runPostern(words, env);
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout.length).toBeGreaterThan(100);
  });

  test("provider register and check say that Postern is not running", async () => {
    for (const command of ["register", "check"]) {
      expect((await runPostern(["provider", command, "google"], env)).exitCode).toBe(3);
    }
  });
});

test("a client id at one's own server, without a terminal: each run goes on, and a restart forgets nothing", async () => {
  const register = (...words: string[]) => postern.cli("provider", "register", "generic", ...words);
  const first = await register();
  expect(first.exitCode).toBe(6);
  expect(first.stderr).toContain("--done client");
  await register("--done", "client", "scopes", "mail-server");
  postern = await postern.restart();
  const asked = await register("--issuer", server.origin);
  expect(asked.stderr).toContain("Go on with: postern provider register generic --client-id ID");
  const file = join(postern.folder, "secret");
  writeFileSync(file, `${SECRET}\n`);
  const last = await register("--client-id", "c-1", "--client-secret-file", file);
  expect(last.stdout).toContain("● It takes the client id and the redirect address.");
  expect(last.stderr).toContain("postern account add EMAIL");
  expect(server.paths).toContain("/authorize");
  expect(homeAsText() + postern.log() + last.stdout + last.stderr).not.toContain(SECRET);

  const shown = await postern.cli("provider", "register", "generic", "--json");
  expect(JSON.parse(shown.stdout)).toMatchObject({
    clientId: "c-1",
    hasClientSecret: true,
    issuer: server.origin,
    usable: true,
    next: { id: "sign-in" },
  });
});

test.skipIf(!hasTerminals)(
  "at a terminal: one question after another, and the secret is not echoed",
  async () => {
    const program = runAtTerminal(["provider", "register", "dovecot"], postern.env);
    for (const step of [1, 2, 3]) {
      await program.said(new RegExp(`Step ${step} of 5[^]*?Press Enter when it is done`));
      program.type("");
    }
    await program.said(/Issuer of your sign-in server/);
    program.type(server.origin);
    await program.said(/Client id: /);
    program.type("c-2");
    await program.said(/Client secret \(Enter if there is none; not shown\): /);
    program.type(SECRET);
    const { stdout, exitCode } = await program.finished;
    expect(stdout).toContain("Step 5 of 5");
    expect(stdout).toContain("● It takes the client id and the redirect address.");
    expect(stdout).not.toContain(SECRET);
    expect(exitCode).toBe(6);
    const shown = await postern.cli("provider", "register", "dovecot", "--json");
    expect(JSON.parse(shown.stdout)).toMatchObject({ clientId: "c-2", hasClientSecret: true });
  },
);

test("provider check of servers that are somebody's own asks nobody", async () => {
  const { exitCode, stdout } = await postern.cli("provider", "check", "stalwart", "--json");
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ provider: "stalwart", differences: [], agreements: [] });
});
