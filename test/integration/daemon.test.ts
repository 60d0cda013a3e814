// How the daemon starts, shares a machine with others, and ends.
import { once } from "node:events";
import { chmod, readdir, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Snapshot } from "../../src/control/contract.ts";
import { createTestAuthority, type TestAuthority } from "../support/authority.ts";
import { type Postern, preparePostern, runPostern, startPostern } from "../support/postern.ts";
import { connectRaw, logInToImap, logInToSmtp, sendImap } from "../support/raw-client.ts";
import { closedPort } from "../support/scripted-server.ts";
import { eventually, startTown } from "../support/town.ts";

let authority: TestAuthority;
const started: Postern[] = [];
const squatters: Server[] = [];

beforeAll(async () => {
  authority = await createTestAuthority();
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((postern) => postern.remove()));
  await Promise.all(
    squatters.splice(0).map((server) => {
      server.close();
      return once(server, "close");
    }),
  );
});

async function start(
  options: { folder?: string; serve?: string[]; env?: NodeJS.ProcessEnv } = {},
): Promise<Postern> {
  const postern = await startPostern({ authority, ...options });
  started.push(postern);
  return postern;
}

/** An account whose servers are nobody's: nothing here logs in upstream. */
async function addAccount(postern: Postern, email = "carol@example.test"): Promise<void> {
  const nobody = { port: 9, tls: "implicit" } as const;
  await postern.addAccount(email, {
    issuer: "https://localhost:9",
    clientId: "x",
    imap: nobody,
    smtp: nobody,
  });
}

/** Another program that has a port. */
async function squat(host: string, port: number): Promise<void> {
  const server = createServer();
  server.listen({ host, port, ipv6Only: host.includes(":") });
  await once(server, "listening");
  squatters.push(server);
}

const statesOf = (listeners: Snapshot["listeners"]): string[] =>
  listeners.map(({ protocol, address, state }) => `${protocol} ${address} ${state}`);

function isAlive(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch {
    return false;
  }
}

const serveAgain = (postern: Postern) =>
  runPostern(["serve", "--imap-port", "0", "--smtp-port", "0"], postern.env);

describe("the ports", () => {
  test("both loopback addresses have the same ports, and the ready line says what status says", async () => {
    const postern = await start();
    for (const host of ["127.0.0.1", "::1"]) {
      const imap = await connectRaw(postern.imapPort, { host });
      expect(await imap.readLine()).toMatch(/^\* OK \[CAPABILITY /);
      const smtp = await connectRaw(postern.smtpPort, { host });
      expect(await smtp.readLine()).toMatch(/^220 /);
      for (const { socket } of [imap, smtp]) socket.destroy();
    }
    const snapshot: Snapshot = await postern.json("status");
    expect(snapshot.listeners).toEqual(postern.ready.listeners);
    expect(statesOf(snapshot.listeners)).toEqual([
      "imap 127.0.0.1 listening",
      "imap ::1 listening",
      "smtp 127.0.0.1 listening",
      "smtp ::1 listening",
    ]);
    expect((await postern.cli("status", "--check")).exitCode).toBe(0);
  });

  for (const taken of ["127.0.0.1", "::1"]) {
    test(`a port that somebody has on ${taken} leaves the others up, and is said and counted as wrong (A3, A4)`, async () => {
      const port = await closedPort();
      await squat(taken, port);
      const postern = await start({ serve: ["--imap-port", String(port), "--smtp-port", "0"] });
      const expected = ["127.0.0.1", "::1"].map(
        (address) => `imap ${address} ${address === taken ? "taken" : "listening"}`,
      );
      expect(statesOf(postern.ready.listeners)).toEqual([
        ...expected,
        "smtp 127.0.0.1 listening",
        "smtp ::1 listening",
      ]);
      const status = await postern.cli("status", "--check");
      expect(status.exitCode).toBe(6);
      expect(status.stdout).toContain(`:${port} is taken by another program`);
      const smtp = await connectRaw(postern.smtpPort);
      expect(await smtp.readLine()).toMatch(/^220 /);
      smtp.socket.destroy();
    });
  }

  test("both protocols on one port: one has it, the other says that it is taken", async () => {
    const port = String(await closedPort());
    const postern = await start({ serve: ["--imap-port", port, "--smtp-port", port] });
    const states = postern.ready.listeners.map(({ state }) => state).sort();
    expect(states).toEqual(["listening", "listening", "taken", "taken"]);
    expect((await postern.cli("status", "--check")).exitCode).toBe(6);
  });

  test("a port that does not exist is wrong usage", async () => {
    const { folder, env } = await preparePostern({ authority });
    for (const port of ["65536", "-1", "imap", "1.5", ""]) {
      expect((await runPostern(["serve", "--imap-port", port], env)).exitCode).toBe(2);
    }
    await rm(folder, { recursive: true });
  });
});

describe("one daemon a home", () => {
  test("a second one is refused with the first one's process number, and the first goes on", async () => {
    const postern = await start();
    const second = await serveAgain(postern);
    expect(second.exitCode).toBe(3);
    expect(second.stderr).toContain(`process ${postern.ready.processId}`);
    expect(second.stdout).toBe("");
    expect((await postern.json("status")).processId).toBe(postern.ready.processId);
  });

  test("of several that start at the same moment one wins", async () => {
    const { folder, env } = await preparePostern({ authority });
    const racing = Array.from({ length: 4 }, () =>
      startPostern({ authority, folder }).then(
        (postern) => postern,
        (error: Error) => error.message,
      ),
    );
    const outcomes = await Promise.all(racing);
    const winners = outcomes.filter((outcome) => typeof outcome !== "string");
    started.push(...winners);
    expect(winners).toHaveLength(1);
    for (const outcome of outcomes)
      if (typeof outcome === "string") expect(outcome).toMatch(/^ended with 3 /);
    expect((await runPostern(["status"], env)).exitCode).toBe(0);
  });

  test("the lock of one that was killed is taken over", async () => {
    const postern = await start();
    await postern.kill();
    expect(await readdir(postern.home)).toContain("daemon.lock");
    const again = await start({ folder: postern.folder });
    expect((await again.json("status")).processId).not.toBe(postern.ready.processId);
  });

  const staleLocks: [string, string][] = [
    [
      "whose process number is another program's by now",
      JSON.stringify({ processId: process.pid, startTime: "1" }),
    ],
    ["that is garbage", "\0\0not json"],
    ["that is empty", ""],
    ["of a process that cannot be", JSON.stringify({ processId: 2 ** 30, startTime: "1" })],
  ];
  for (const [name, lock] of staleLocks) {
    test(`a lock ${name} is taken over`, async () => {
      const { folder } = await preparePostern({ authority });
      await writeFile(join(folder, "home", "daemon.lock"), lock, { mode: 0o600 });
      const postern = await start({ folder });
      expect((await postern.cli("status")).exitCode).toBe(0);
    });
  }
});

describe("its home", () => {
  for (const mode of [0o770, 0o707, 0o777]) {
    test(`is refused when others can write to it (mode ${mode.toString(8)})`, async () => {
      const { folder, env } = await preparePostern({ authority });
      const home = join(folder, "home");
      await chmod(home, mode);
      const finished = await runPostern(["serve", "--imap-port", "0", "--smtp-port", "0"], env);
      expect(finished.exitCode).toBe(78);
      expect(finished.stderr).toContain(`others can write to ${home}`);
      expect(await readdir(home)).toEqual([]);
      await rm(folder, { recursive: true });
    });
  }

  test("is closed to those who could only read it", async () => {
    const { folder } = await preparePostern({ authority });
    await chmod(join(folder, "home"), 0o755);
    const postern = await start({ folder });
    expect((await stat(postern.home)).mode & 0o777).toBe(0o700);
  });

  test("is made where there is none", async () => {
    const { folder, env } = await preparePostern({ authority });
    await rm(join(folder, "home"), { recursive: true });
    const postern = await start({ folder, env: { ...env, POSTERN_HOME: join(folder, "home") } });
    expect((await stat(postern.home)).mode & 0o777).toBe(0o700);
  });

  test("may have a path that is too long for a socket in it", async () => {
    const { folder } = await preparePostern({ authority });
    const deep = join(folder, "x".repeat(60), "y".repeat(60));
    const postern = await start({ folder, env: { POSTERN_HOME: deep } });
    expect((await postern.cli("status")).exitCode).toBe(0);
    expect((await readdir(deep)).sort()).not.toContain("control.sock");
  });

  test("that is a file is refused", async () => {
    const { folder, env } = await preparePostern({ authority });
    const finished = await runPostern(["serve"], { ...env, POSTERN_HOME: join(folder, "key") });
    expect(finished.exitCode).toBe(78);
    await rm(folder, { recursive: true });
  });
});

describe("the end", () => {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    test(`${signal}: those who have not logged in are told, and the daemon ends with 0 and leaves no traces`, async () => {
      const postern = await start();
      const [imap, smtp] = [await connectRaw(postern.imapPort), await connectRaw(postern.smtpPort)];
      await Promise.all([imap.readLine(), smtp.readLine()]);
      process.kill(postern.ready.processId, signal);
      expect(await imap.readLine()).toBe("* BYE [UNAVAILABLE] Shutting down");
      expect(await smtp.readLine()).toBe("421 4.3.2 Shutting down");
      expect(await imap.closed()).toBe("fin");
      expect(await smtp.closed()).toBe("fin");
      // A second signal would be meant: only when it has gone may it be asked how.
      await eventually(() => !isAlive(postern.ready.processId));
      expect(await postern.stop()).toBe(0);
      const left = await readdir(postern.home);
      for (const name of ["daemon.lock", "control.json", "control.sock"]) expect(left).not.toContain(name);
      await expect(connectRaw(postern.imapPort)).rejects.toThrow("ECONNREFUSED");
    });
  }

  test("postern stop does the same, also while somebody is logged in or says nothing", async () => {
    const town = await startTown({ people: 1 });
    try {
      const login = await town.resident();
      const [imap, smtp, idle] = [
        await connectRaw(town.postern.imapPort),
        await connectRaw(town.postern.smtpPort),
        await connectRaw(town.postern.imapPort, { allowHalfOpen: true }),
      ];
      await idle.readLine();
      expect(await logInToImap(imap, login)).toMatch(/^OK /);
      expect(await logInToSmtp(smtp, login)).toMatch(/^235 /);
      const asked = performance.now();
      expect((await town.postern.cli("stop")).exitCode).toBe(0);
      await Promise.all([imap.closed(), smtp.closed(), idle.closed()]);
      expect(await town.postern.stop()).toBe(0);
      expect(performance.now() - asked).toBeLessThan(15_000);
      idle.socket.destroy();
    } finally {
      await town.close();
    }
  });

  test("an account that is removed takes its connections with it", async () => {
    const town = await startTown({ people: 2 });
    try {
      const [going, staying] = [await town.resident(), await town.resident()];
      const [first, second] = [
        await connectRaw(town.postern.imapPort),
        await connectRaw(town.postern.imapPort),
      ];
      expect(await logInToImap(first, going)).toMatch(/^OK /);
      expect(await logInToImap(second, staying)).toMatch(/^OK /);
      await town.postern.json("account", "remove", going.email);
      await first.closed();
      expect(await sendImap(second, "NOOP")).toMatch(/^OK /);
      second.socket.destroy();
    } finally {
      await town.close();
    }
  });

  test("what was decided is there after a restart", async () => {
    const postern = await start();
    await addAccount(postern);
    const password = await postern.createPassword("carol@example.test", "thunderbird");
    const again = await postern.restart();
    started.push(again);
    expect((await again.json("account", "list")).accounts).toHaveLength(1);
    const client = await connectRaw(again.imapPort);
    expect(await logInToImap(client, { email: "carol@example.test", password })).toBe(
      "NO [UNAVAILABLE] Sign in in Postern first",
    );
    client.socket.destroy();
  });
});
