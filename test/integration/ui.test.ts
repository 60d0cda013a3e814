// `postern ui` as a person runs it: an address that serves once, a browser that is led there by a file, Postern started with it,
// and its own end.
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { connectToDaemon } from "../../src/control/client.ts";
import { createTestAuthority, type TestAuthority } from "../support/authority.ts";
import {
  hasTerminals,
  type InteractiveProgram,
  runAtTerminal,
  runInteractively,
} from "../support/interactive-program.ts";
import { type Postern, runPostern, startPostern } from "../support/postern.ts";
import { eventually } from "../support/town.ts";

let authority: TestAuthority;
beforeAll(async () => {
  authority = await createTestAuthority();
});

/** Neither a display nor a shell over ssh, wherever the tests run. */
const NOWHERE = { DISPLAY: "", WAYLAND_DISPLAY: "", SSH_CONNECTION: undefined };
const ADDRESS = /http:\/\/127\.0\.0\.1:(\d+)\/#\/open\?secret=([\w-]{43})/;

async function running(): Promise<Postern> {
  const postern = await startPostern({ authority, env: NOWHERE });
  onTestFinished(postern.remove);
  return postern;
}

/** A home whose daemon is not running; when it is, it takes any free ports. */
async function atRest(): Promise<{ env: NodeJS.ProcessEnv; home: string }> {
  const postern = await startPostern({ authority, env: NOWHERE });
  onTestFinished(() => rm(postern.folder, { recursive: true, force: true }));
  for (const name of ["imap-port", "smtp-port"]) await postern.json("settings", "set", name, "0");
  await postern.stop();
  return postern;
}

function ui(env: NodeJS.ProcessEnv, ...words: string[]): InteractiveProgram {
  const program = runInteractively(["ui", ...words], env);
  onTestFinished(async () => {
    program.interrupt();
    await program.finished;
  });
  return program;
}

/** What the page does when it has been opened: exchanges the secret of its address. */
async function enter(url: string): Promise<{ status: number; bearer: string; origin: string }> {
  const [, secret] = /secret=(.+)$/.exec(url) ?? [];
  const { origin } = new URL(url);
  const answer = await ask(origin, "/session", { secret });
  const body = (await answer.json()) as { bearer?: string };
  return { status: answer.status, bearer: body.bearer ?? "", origin };
}

const ask = (origin: string, path: string, body: unknown, bearer?: string): Promise<Response> =>
  fetch(origin + path, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    },
    body: JSON.stringify(body),
  });

async function addressOf(program: InteractiveProgram): Promise<string> {
  return (await program.said(ADDRESS))[0];
}

/** Whether a daemon of this home answers. */
const isRunning = (home: string): Promise<boolean> =>
  connectToDaemon(join(home, "control.json")).then(
    () => true,
    () => false,
  );

describe("the address", () => {
  test("is one line of JSON for a script; it leads to the page, and serves once", async () => {
    const { env } = await running();
    const program = ui(env, "--no-open", "--json");
    const [line] = await program.said(/^\{.*\}$/m);
    const { url } = JSON.parse(line) as { url: string };
    expect(url).toMatch(new RegExp(`^${ADDRESS.source}$`));
    const { status, bearer, origin } = await enter(url);
    expect(status).toBe(200);
    expect(await (await fetch(origin)).text()).toContain("<title>Postern</title>");
    expect((await ask(origin, "/control/status", {}, bearer)).status).toBe(200);
    expect((await enter(url)).status).toBe(401);
    program.interrupt();
    expect(await program.finished).toMatchObject({ exitCode: 0, stdout: `${line}\n`, stderr: "" });
    await expect(fetch(origin)).rejects.toThrow();
  });

  test("over ssh comes with the way there", async () => {
    const { env } = await running();
    const over = { ...env, SSH_CONNECTION: "192.0.2.7 50000 192.0.2.1 2222" };
    const program = ui(over, "--no-open");
    const [, port] = await program.said(ADDRESS);
    await program.said(
      new RegExp(`^ {2}ssh -N -L ${port}:127\\.0\\.0\\.1:${port} -p 2222 \\S+@192\\.0\\.2\\.1$`, "m"),
    );
  });

  test("is at the port that was asked for, and a taken one is said", async () => {
    const { env } = await running();
    const other = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void other.close());
    await new Promise((resolve) => other.once("listening", resolve));
    const port = String((other.address() as AddressInfo).port);
    const { exitCode, stdout, stderr } = await runPostern(["ui", "--no-open", "--port", port], env);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(`port ${port} of 127.0.0.1 cannot be had: EADDRINUSE`);
    other.close();
    expect((await ui(env, "--no-open", "--port", port).said(ADDRESS))[1]).toBe(port);
  });
});

// Only there does a program of a test's own stand where the browser would.
describe.runIf(process.platform === "linux")("a browser on this machine", () => {
  /** An `xdg-open` that writes down each of its arguments, and the environment in which it notes them. */
  async function standInForBrowser(env: NodeJS.ProcessEnv) {
    const folder = await mkdtemp(join(tmpdir(), "browser-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const visited = join(folder, "visited");
    await mkdir(join(folder, "programs"));
    const program = join(folder, "programs", "xdg-open");
    await writeFile(
      program,
      `#!/bin/sh\nprintf '%s\\n' "$@" > '${visited}.part' && mv '${visited}.part' '${visited}'\n`,
    );
    await chmod(program, 0o755);
    const arguments_ = async (): Promise<string[]> => {
      const isThere = () =>
        stat(visited).then(
          () => true,
          () => false,
        );
      await eventually(isThere);
      return (await readFile(visited, "utf8")).trimEnd().split("\n");
    };
    return {
      arguments: arguments_,
      env: { ...env, DISPLAY: ":0", PATH: `${join(folder, "programs")}${delimiter}${process.env.PATH}` },
    };
  }

  const launchersIn = async (home: string): Promise<string[]> =>
    (await readdir(home)).filter((name) => name.endsWith(".html"));

  test("is given a file of this user's own, which leads to the address and is gone when it has", async () => {
    const { env, home } = await running();
    const browser = await standInForBrowser(env);
    const program = ui(browser.env);
    const url = await addressOf(program);
    const [file = "", ...more] = await browser.arguments();
    expect(more).toEqual([]);
    expect(new URL(file).protocol).toBe("file:");
    expect(file).not.toContain(url.slice(-43));
    const path = fileURLToPath(file);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, "utf8")).toContain(`location.replace("${url}")`);
    expect((await enter(url)).status).toBe(200);
    expect(await launchersIn(home)).toEqual([]);
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "leaves no file when %s ends it first",
    async (signal) => {
      const { env, home } = await running();
      const browser = await standInForBrowser(env);
      const program = ui(browser.env);
      await browser.arguments();
      expect(await launchersIn(home)).toHaveLength(1);
      program.signal(signal);
      expect((await program.finished).exitCode).toBe(0);
      expect(await launchersIn(home)).toEqual([]);
    },
  );

  test("that cannot be started is said, with the address there already", async () => {
    const { env } = await running();
    const program = ui({ ...env, DISPLAY: ":0", PATH: "/nowhere" });
    await program.said(/^No browser could be started here\.$/m);
    expect((await enter(await addressOf(program))).status).toBe(200);
  });
});

describe("where Postern is not running", () => {
  test("says so and how to start it", async () => {
    const { env } = await atRest();
    const { exitCode, stdout, stderr } = await runPostern(["ui", "--no-open"], env);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: "" });
    expect(stderr).toContain("Postern is not running");
    expect(stderr).toContain("postern serve");
  });

  test.each(["SIGINT", "SIGTERM"] as const)(
    "--serve starts it, and ends it with itself at %s",
    async (signal) => {
      const { env, home } = await atRest();
      const program = ui(env, "--no-open", "--serve");
      const { bearer, origin } = await enter(await addressOf(program));
      expect((await ask(origin, "/control/status", {}, bearer)).status).toBe(200);
      expect(await isRunning(home)).toBe(true);
      program.signal(signal);
      expect((await program.finished).exitCode).toBe(0);
      expect(await isRunning(home)).toBe(false);
    },
  );

  test.runIf(hasTerminals)(
    "--serve ends both in good order at Ctrl-C, which a terminal sends to both",
    async () => {
      const { env, home } = await atRest();
      const program = runAtTerminal(["ui", "--no-open", "--serve"], env);
      await addressOf(program);
      program.type("\x03");
      const { exitCode, stdout } = await program.finished;
      expect(exitCode, stdout).toBe(0);
      expect(stdout).not.toContain("postern:");
      expect(await isRunning(home)).toBe(false);
    },
  );

  test("--serve ends too when somebody stops Postern", async () => {
    const { env } = await atRest();
    const program = ui(env, "--no-open", "--serve");
    await addressOf(program);
    expect((await runPostern(["stop"], env)).exitCode).toBe(0);
    const { exitCode, stderr } = await program.finished;
    expect(exitCode).toBe(0);
    // Mail depends on it, so no closed page ends it; but somebody may.
    expect(stderr).toMatch(/^Postern goes on when you close the page, .*\nPostern has been stopped\.\n$/);
  });
});

describe("where Postern is running", () => {
  test("--serve takes that one, and leaves it running", async () => {
    const { env, home } = await running();
    const program = ui(env, "--no-open", "--serve");
    await addressOf(program);
    program.interrupt();
    expect((await program.finished).exitCode).toBe(0);
    expect(await isRunning(home)).toBe(true);
  });

  test("its restart does not end the window", async () => {
    const postern = await running();
    const { bearer, origin } = await enter(await addressOf(ui(postern.env, "--no-open")));
    await postern.kill();
    const away = await ask(origin, "/control/status", {}, bearer);
    expect(away.status).toBe(503);
    expect(await away.json()).toMatchObject({ error: { code: "daemon-not-running" } });
    const again = await postern.restart();
    onTestFinished(async () => void (await again.stop()));
    expect((await ask(origin, "/control/status", {}, bearer)).status).toBe(200);
  });
});
