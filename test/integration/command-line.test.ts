// The command line to those who should use it: what each command takes, says, and answers a script with.
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CONFIDENTIAL_CLIENT_ID, CONFIDENTIAL_CLIENT_SECRET } from "../support/authorization-server.ts";
import { accountWords, newcomer, PEOPLE } from "../support/newcomers.ts";
import { preparePostern, runPostern } from "../support/postern.ts";
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
      ["account", "add", "a@example.test", "--imap", "no-port"],
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
      ["account", "add", "a@example.test", ...accountWords(town)],
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
      [["account", "add", "x", ...accountWords(town)], 2, "request-invalid"],
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
    ["a redirect to another host", "a@example.test", { "--redirect-uri": "http://evil.example/callback" }],
    ["a redirect with a query", "a@example.test", { "--redirect-uri": "http://127.0.0.1/callback?x" }],
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
        const finished = await cli("account", "add", email, ...accountWords(town, changes));
        expect(finished.exitCode, name).toBe(2);
        expect(finished.stderr, name).not.toBe("");
        // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not reach a terminal.
        expect(finished.stderr, name).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
      }),
    );
    expect(await readFile(join(town.postern.home, "config.json")).catch(() => undefined)).toEqual(before);
  });

  test("a second account with the same address is refused, however it is written", async () => {
    const { email } = await newcomer(town);
    for (const again of [email, email.toUpperCase()]) {
      const finished = await cli("account", "add", again, ...accountWords(town));
      expect(finished.exitCode).toBe(4);
      expect(finished.stderr).toContain("already");
    }
  });

  test("the client secret is read from a file, used, and never shown again", async () => {
    const file = join(town.postern.folder, "client-secret");
    await writeFile(file, `${CONFIDENTIAL_CLIENT_SECRET}\n`, { mode: 0o600 });
    const person = await newcomer(town, {
      "--client-id": CONFIDENTIAL_CLIENT_ID,
      "--client-secret-file": file,
    });
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
