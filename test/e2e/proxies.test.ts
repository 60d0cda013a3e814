// Tokens and mail through real proxies, each through its own: a real tinyproxy and a real microsocks.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Person } from "../support/person.ts";
import {
  describeWithProxies,
  type ProxyLogin,
  type RealProxy,
  startMicrosocks,
  startTinyproxy,
} from "../support/proxies.ts";
import { describeWithRealServers } from "../support/real-servers.ts";
import { signInByDeviceCode, signInByImport } from "../support/real-sign-ins.ts";
import { type RealTown, startRealTown } from "../support/real-town.ts";
import type { ProgramResult } from "../support/run-program.ts";
import { outwardAddress, startTokenFront } from "../support/token-front.ts";

interface Ways {
  readonly signIn: keyof typeof START;
  readonly mail: keyof typeof START;
  readonly login?: ProxyLogin;
  readonly flow: (town: RealTown, person: Person) => Promise<ProgramResult>;
}

const START = { tinyproxy: startTinyproxy, microsocks: startMicrosocks };
const UNREACHABLE = "The proxy cannot be reached, or closes the connection.";

describeWithRealServers("through proxies", () => {
  describeWithProxies("that really are some", () => {
    let town: RealTown;

    beforeAll(async () => {
      // Nobody's exceptions: all servers here are at localhost.
      town = await startRealTown({ postern: { env: { NO_PROXY: "", no_proxy: "" } } });
    });
    afterAll(() => town?.stop());

    const set = (name: string, value: string) => town.postern.json("settings", "set", name, value);
    /** Without anybody doing anything: mail programs try again, and Postern asks after a pause of its own. */
    const expectMailAgain = (person: Person) =>
      expect
        .poll(() => town.exchangeMail(person).then(() => "arrived", String), { timeout: 30_000 })
        .toBe("arrived");
    const signInPort = () => Number(new URL(town.authorizationServer.issuer).port);

    describe.each<Ways>([
      { signIn: "tinyproxy", mail: "microsocks", flow: signInByDeviceCode },
      {
        signIn: "microsocks",
        mail: "tinyproxy",
        login: { user: "me", password: "sesame" },
        flow: signInByImport,
      },
    ])("tokens through $signIn and mail through $mail", ({ signIn, mail, login, flow }) => {
      let person: Person;
      let signInProxy: RealProxy;
      let mailProxy: RealProxy;

      beforeAll(async () => {
        [signInProxy, mailProxy] = await Promise.all([START[signIn](login), START[mail](login)]);
        const withUser = ({ address }: RealProxy) =>
          login === undefined ? address : address.replace("//", `//${login.user}@`);
        if (login !== undefined) {
          const file = join(town.postern.folder, "proxy-password");
          await writeFile(file, `${login.password}\n`);
          await set("proxy-password", file);
        }
        await set("sign-in-proxy", withUser(signInProxy));
        await set("mail-proxy", withUser(mailProxy));
        person = await town.newcomer();
      });
      afterAll(async () => {
        await Promise.all([signInProxy?.stop(), mailProxy?.stop()]);
      });

      /** How many tunnels each proxy tells of: to the authorization server, to Dovecot and to Postfix. */
      const tunnels = (proxy: RealProxy) =>
        Promise.all(
          [signInPort(), town.dovecot.imapsPort, town.postfix.submissionPort].map((port) =>
            proxy.tunnelsTo("localhost", port),
          ),
        );
      const grants = () => town.authorizationServer.requests.flatMap(({ grantType }) => grantType ?? []);

      it("a person signs in, reads and sends, and access is renewed; each proxy sees its own", async () => {
        const signedIn = await flow(town, person);
        expect(signedIn.exitCode, signedIn.stdout + signedIn.stderr).toBe(0);
        await town.exchangeMail(person);
        const before = grants().length;
        await town.restart();
        await town.exchangeMail(person);
        expect(grants().slice(before)).toEqual(["refresh_token"]);

        const [[signIns, ...mailThere], [signInsThere, imaps, submissions]] = await Promise.all([
          tunnels(signInProxy),
          tunnels(mailProxy),
        ]);
        // Postern ran twice.
        expect(signIns).toBeGreaterThanOrEqual(2);
        expect(mailThere).toEqual([0, 0]);
        expect(signInsThere).toBe(0);
        expect(imaps).toBeGreaterThanOrEqual(2);
        expect(submissions).toBeGreaterThanOrEqual(2);
      });

      it("when the mail proxy stops, that is said, mail programs wait, and go on when it is back", async () => {
        await mailProxy.pause();
        await expectOutage();
        await mailProxy.resume();
        await expectMailAgain(person);
        expect((await town.statusOf(person)).kind).toBe("working");
      });

      it("when the sign-in proxy stops, the sign-in is kept, and renewed when it is back", async () => {
        await signInProxy.pause();
        // With nothing in memory: the next login needs a token.
        await town.restart();
        const before = grants().length;
        await expectOutage();
        expect(grants().length).toBe(before);
        await signInProxy.resume();
        await expectMailAgain(person);
        expect((await town.statusOf(person)).kind).toBe("working");
        expect(grants().slice(before)).toEqual(["refresh_token"]);
      });

      /** What mail programs and people are told; only whoever has a wrong password is asked for another. */
      async function expectOutage(): Promise<void> {
        const told = await town.answersTo(person);
        expect(told.imap).toBe("NO [UNAVAILABLE] The proxy cannot be reached; try again later");
        expect(told.smtp).toMatch(/^4\d\d 4\.\d\.\d The proxy cannot be reached; try again later$/);
        expect(await town.statusOf(person)).toMatchObject({
          kind: "offline",
          code: "proxy-unreachable",
          sentence: UNREACHABLE,
        });
        const { stdout } = await town.postern.cli("status");
        expect(stdout).toContain(UNREACHABLE);
        const wrong = await town.answersTo(person, "not the password");
        expect(wrong.imap).toContain("NO [AUTHENTICATIONFAILED]");
        expect(wrong.smtp).toMatch(/^535 /);
      }
    });

    it("tokens through the proxy that HTTPS_PROXY names, by itself, where the provider is not this machine", async () => {
      const address = outwardAddress();
      if (address === undefined) {
        process.stderr.write("LEFT OUT: HTTPS_PROXY: this machine has no address but its loopback\n");
        return;
      }
      const [proxy, front] = await Promise.all([
        startTinyproxy(),
        startTokenFront(address, town.authority, town.authorizationServer),
      ]);
      try {
        await set("sign-in-proxy", "environment");
        await set("mail-proxy", "none");
        await town.restart({ HTTPS_PROXY: proxy.address, https_proxy: "" });
        const person = await town.newcomer({
          "--authorization-endpoint": `${town.authorizationServer.issuer}/auth`,
          "--token-endpoint": front.url,
        });
        const signedIn = await town.postern.signIn(person);
        expect(signedIn.exitCode, signedIn.stderr).toBe(0);
        await town.exchangeMail(person);
        expect(await proxy.tunnelsTo(address, front.port)).toBeGreaterThanOrEqual(1);

        await proxy.pause();
        await town.restart({ HTTPS_PROXY: proxy.address, https_proxy: "" });
        expect((await town.answersTo(person)).imap).toContain("NO [UNAVAILABLE] The proxy cannot be reached");
        await proxy.resume();
        await expectMailAgain(person);
        expect(await proxy.tunnelsTo(address, front.port)).toBeGreaterThanOrEqual(1);
      } finally {
        await Promise.all([proxy.stop(), front.close()]);
      }
    });
  });
});
