// A machine without a keychain, as servers are: said, with what to do, and never worked around silently.
import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PUBLIC_CLIENT_ID } from "../support/authorization-server.ts";
import { describeWithRealServers } from "../support/real-servers.ts";
import { closedPort } from "../support/scripted-server.ts";
import { startTown, type Town } from "../support/town.ts";

describeWithRealServers("without a Secret Service", () => {
  const email = "resident1@example.test";
  let town: Town;

  beforeAll(async () => {
    town = await startTown({
      // As on a server: no session bus, and none may be started.
      postern: { env: { POSTERN_KEYCHAIN: "", DBUS_SESSION_BUS_ADDRESS: "disabled:", DISPLAY: "" } },
    });
    const port = await closedPort();
    await town.postern.addAccount(email, {
      issuer: town.authorizationServer.issuer,
      clientId: PUBLIC_CLIENT_ID,
      imap: { port, tls: "implicit" },
      smtp: { port, tls: "implicit" },
    });
  });
  afterAll(() => town.close());

  test("the listeners are up, and status names the state and the way out", async () => {
    const { keychain, listeners, accounts } = await town.postern.json("status");
    expect(keychain).toMatchObject({ kind: "os", ready: false, code: "keychain-absent" });
    expect(keychain.action).toContain("POSTERN_KEYCHAIN=file");
    expect(listeners.every(({ state }: { state: string }) => state === "listening")).toBe(true);
    expect(accounts[0].status).toMatchObject({ kind: "needs-you", code: "keychain-absent" });
  });

  test("login refuses before it gives out an address, and the provider is not asked", async () => {
    const login = await town.postern.cli("login", email, "--no-open");
    expect(login).toMatchObject({ exitCode: 78, stdout: "" });
    expect(login.stderr).toContain("This machine offers no keychain.");
    expect(town.authorizationServer.requests.filter(({ path }) => path === "/auth")).toEqual([]);
  });

  test("a client secret is refused too, not kept elsewhere", async () => {
    const added = await town.postern.cli(
      ...["account", "add", "other@example.test", "--issuer", town.authorizationServer.issuer],
      ...["--client-id", "any", "--client-secret-file", `${town.postern.folder}/key`],
      ...["--imap", "localhost:993", "--smtp", "localhost:465"],
    );
    expect(added.exitCode).toBe(78);
    expect((await town.postern.json("account", "list")).accounts).toHaveLength(1);
    expect(await readdir(town.postern.home)).not.toContain("keychain.encrypted");
  });
});
