// `postern account test` names the leg that fails, and says on whose side the cause is.
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PUBLIC_CLIENT_ID } from "../support/authorization-server.ts";
import { closedPort } from "../support/scripted-server.ts";
import { startTown, type Town } from "../support/town.ts";

let town: Town;
let squatter: Server;

beforeAll(async () => {
  squatter = createServer().listen(0, "127.0.0.1");
  await once(squatter, "listening");
  const { port } = squatter.address() as AddressInfo;
  town = await startTown({ postern: { serve: ["--imap-port", "0", "--smtp-port", String(port)] } });
});
afterAll(async () => {
  await town.close();
  squatter.close();
});

interface Result {
  readonly exitCode: number;
  readonly works: boolean;
  readonly conclusion: string;
  /** What each leg failed with. */
  readonly failures: Readonly<Record<string, string>>;
}

async function accountTest(email: string): Promise<Result> {
  const { exitCode, stdout } = await town.postern.cli("account", "test", email, "--json");
  const { works, conclusion, legs } = JSON.parse(stdout);
  const failed = legs.filter((leg: { works: boolean }) => !leg.works);
  const failures = failed.map(({ leg, failure }: { leg: string; failure: { code: string } }) => [
    leg,
    failure.code,
  ]);
  return { exitCode, works, conclusion, failures: Object.fromEntries(failures) };
}

describe("account test", () => {
  test("blames this machine when only the way through Postern fails: another program has the port", async () => {
    const { email } = await town.resident();
    expect(await accountTest(email)).toEqual({
      exitCode: 6,
      works: false,
      conclusion:
        "The provider accepts another program, so the cause is on this machine: Postern, its ports, or what stands before them.",
      failures: { "smtp-local": "listener-closed" },
    });
  });

  test("blames the provider or the settings when the mail server cannot be reached directly either", async () => {
    const { email } = await town.resident({ imap: { port: await closedPort() } });
    const result = await accountTest(email);
    expect(result.exitCode).toBe(6);
    expect(result.conclusion).toMatch(/^The provider refuses another program too/);
    expect(result.failures).toEqual({
      "imap-direct": "test-failed",
      "imap-local": "test-refused",
      "smtp-local": "listener-closed",
    });
  });

  test("goes no further than the sign-in when nobody has signed in", async () => {
    await town.postern.addAccount("nobody@example.test", {
      issuer: town.authorizationServer.issuer,
      clientId: PUBLIC_CLIENT_ID,
      imap: { port: town.imap.port, tls: "implicit" },
      smtp: { port: town.smtp.port, tls: "implicit" },
    });
    const logins = town.logins.length;
    const result = await accountTest("nobody@example.test");
    expect(result.conclusion).toBe("Postern has no access at the provider, so nothing else can work.");
    expect(result.failures["sign-in"]).toBe("signed-out");
    expect(town.logins).toHaveLength(logins);
  });

  test("says it in words, with what the server said, and leaves no local password behind", async () => {
    const { email } = await town.resident({ imap: { port: await closedPort() } });
    const { stdout, exitCode } = await town.postern.cli("account", "test", email);
    expect(exitCode).toBe(6);
    expect(stdout).toMatch(/^● access from the provider's sign-in server: works \(\d+ ms\)$/m);
    expect(stdout).toMatch(/^■ IMAP at the provider, directly \(imapflow\): .*\n {4}It said: ECONNREFUSED/m);
    const { passwords } = await town.postern.json("password", "list", email);
    expect(passwords.map(({ name }: { name: string }) => name)).not.toContain("account test");
  });
});
