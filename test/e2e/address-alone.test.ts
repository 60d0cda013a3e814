// An address and nothing else: DNS names the mail servers, Dovecot names the authorization server, which registers Postern.
import { afterAll, beforeAll, expect, it } from "vitest";
import { PUBLIC_CLIENT_ID } from "../support/authorization-server.ts";
import { startFoundTown } from "../support/found-town.ts";
import { describeWithRealServers } from "../support/real-servers.ts";
import { signInByDeviceCode } from "../support/real-sign-ins.ts";
import type { RealTown } from "../support/real-town.ts";

describeWithRealServers("an address alone", () => {
  let town: RealTown;

  beforeAll(async () => {
    town = await startFoundTown();
  });
  afterAll(async () => {
    await town?.stop();
  });

  const registrations = () => town.authorizationServer.requests.filter(({ path }) => path === "/reg").length;

  it("is enough to add an account, to sign in and to read and send mail", async () => {
    const person = town.stranger();
    const before = registrations();
    const added = await town.postern.json("account", "add", person.email, "--yes");
    expect(added).toMatchObject({
      email: person.email,
      issuer: town.authorizationServer.issuer,
      imap: { host: "localhost", port: town.dovecot.imapsPort, tls: "implicit" },
      smtp: { host: "localhost", port: town.postfix.submissionsPort, tls: "implicit" },
      status: { kind: "signed-out" },
    });
    expect(added.clientId).not.toBe(PUBLIC_CLIENT_ID);
    expect(registrations()).toBe(before + 1);

    const signedIn = await town.postern.signIn(person);
    expect(signedIn.exitCode, signedIn.stderr).toBe(0);
    await town.exchangeMail(person);
    await town.restart();
    await town.exchangeMail(person);
    expect((await town.statusOf(person)).kind).toBe("working");
  });

  it("serves for a device code too, since Postern has registered for that where the server offers it", async () => {
    const person = town.stranger();
    await town.postern.json("account", "add", person.email, "--yes");
    expect((await signInByDeviceCode(town, person)).exitCode).toBe(0);
    await town.exchangeMail(person);
  });

  it("adds nothing where nobody agrees to hosts outside its domain, and says what would be used", async () => {
    const person = town.stranger();
    const before = registrations();
    const refused = await town.postern.cli("account", "add", person.email);
    expect(refused.exitCode).toBe(78);
    expect(refused.stderr).toContain("Not in the address's domain: localhost");
    const command = /^ +postern (account add .*)$/m.exec(refused.stderr)?.[1] ?? "";
    expect(registrations()).toBe(before);
    expect((await town.postern.cli("account", "show", person.email)).exitCode).toBe(4);

    // What it prints is what a person can then run.
    const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
    await town.postern.json(...words);
    expect((await town.postern.signIn(person)).exitCode).toBe(0);
    await town.exchangeMail(person);
  });
});
