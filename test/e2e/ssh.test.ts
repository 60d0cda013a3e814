// Postern on a server, the browser on the desk: a person is there by ssh, and so is the way back for their browser.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { authorizationResponseFor } from "../support/browser.ts";
import { type FarMachine, startFarMachine } from "../support/far-machine.ts";
import { findFreePorts } from "../support/loopback-port.ts";
import type { Person } from "../support/person.ts";
import { PROGRAM } from "../support/postern.ts";
import { type Collected, collect } from "../support/process.ts";
import { describeWithRealServers } from "../support/real-servers.ts";
import { type RealTown, startRealTown } from "../support/real-town.ts";
import { describeWithSsh, type SshServer, startSshServer } from "../support/ssh-server.ts";
import { eventually } from "../support/town.ts";

describeWithRealServers("over ssh", () => {
  describeWithSsh("from another machine", () => {
    let town: RealTown;
    let desk: FarMachine;
    let sshServer: SshServer;
    const running: ChildProcessWithoutNullStreams[] = [];

    beforeAll(async () => {
      [town, desk] = await Promise.all([startRealTown(), startFarMachine()]);
      sshServer = await startSshServer(desk.addressHere);
    });
    afterEach(async () => {
      for (const child of running.splice(0)) {
        child.kill();
        if (child.exitCode === null && child.signalCode === null) await once(child, "close");
      }
    });
    afterAll(async () => {
      await sshServer?.stop();
      await desk?.stop();
      await town?.stop();
    });

    /** Runs `ssh …` at the desk, with nothing added but whom to believe and which key to show. */
    function ssh(words: readonly string[]): { child: ChildProcessWithoutNullStreams; output: Collected } {
      const [program, ...programArguments] = desk.words("ssh", ...sshServer.clientOptions, ...words);
      const child = spawn(program, programArguments, { env: { ...process.env, DISPLAY: "" } });
      running.push(child);
      return { child, output: collect(child) };
    }

    /** `postern login` in a person's shell here; a terminal is between them. */
    function logInOverSsh({ email }: Person, ...words: readonly string[]) {
      const command = [process.execPath, PROGRAM, "login", email, ...words].map((word) => `'${word}'`);
      const { child, output } = ssh([
        ...["-tt", "-p", String(sshServer.port), `root@${sshServer.address}`],
        `POSTERN_HOME='${town.postern.home}' ${command.join(" ")}`,
      ]);
      const exit = once(child, "close").then(([code]) => code as number);
      return {
        child,
        exit,
        /** What the terminal shows. */
        text: () => output.stdout() + output.stderr(),
        async said(pattern: RegExp): Promise<RegExpExecArray> {
          await eventually(() => pattern.test(output.stdout()) || child.exitCode !== null);
          const match = pattern.exec(output.stdout());
          if (match === null) throw new Error(`it did not say ${pattern}: ${output.stdout()}`);
          return match;
        },
      };
    }

    const browse = (url: string) => desk.run(["curl", "--silent", "--show-error", "--include", url]);

    /** Signs in at the desk; gives where the browser is sent to. */
    async function signInAtDesk(login: ReturnType<typeof logInOverSsh>, person: Person): Promise<string> {
      const [authorizationUrl] = await login.said(/^https:\S+(?=\s)/m);
      return authorizationResponseFor(authorizationUrl, { ...person, authority: town.authority });
    }

    const ways: [redirectUri: string, more: () => Promise<readonly string[]>][] = [
      ["http://127.0.0.1/callback", async () => ["--redirect-port", String((await findFreePorts(1))[0])]],
      ["http://localhost/callback", async () => ["--flow", "loopback"]],
      ["http://[::1]/callback", async () => ["--flow", "loopback"]],
    ];

    it.each(ways)(
      "a browser there comes back to %s by the printed command, and mail is read",
      async (redirectUri, more) => {
        const person = await town.newcomer({ "--redirect-uri": redirectUri });
        const words = await more();
        const login = logInOverSsh(person, ...words);
        const [, printed = ""] = await login.said(/^ *(ssh -N -L .*?)\r?\n/m);
        const redirect = await signInAtDesk(login, person);
        if (words.includes("--redirect-port")) expect(new URL(redirect).port).toBe(words[1]);

        // Nobody listens at that port over there: it is another machine.
        const before = await browse(redirect);
        expect(before.stderr).toContain("Failed to connect");

        const [first, ...tunnelWords] = printed.split(" ");
        expect(first).toBe("ssh");
        const tunnel = ssh(tunnelWords);
        await eventually(async () => (await browse(new URL("/", redirect).href)).exitCode === 0);
        const page = await browse(redirect);
        expect(page.stdout, tunnel.output.stderr()).toMatch(/^HTTP\/1\.1 200 [\s\S]*You are signed in/);

        expect(await login.exit, login.text()).toBe(0);
        expect(login.text()).toContain(`Signed in to ${person.email}.`);
        await town.exchangeMail(person);
      },
    );

    it("without the tunnel the address that the browser ends at is pasted into the terminal", async () => {
      const person = await town.newcomer();
      const login = logInOverSsh(person, "--flow", "loopback");
      const redirect = await signInAtDesk(login, person);
      expect((await browse(redirect)).exitCode).not.toBe(0);
      login.child.stdin.write(`${redirect}\r`);
      expect(await login.exit, login.text()).toBe(0);
      await town.exchangeMail(person);
    });

    it("a person who hangs up has ended the attempt, and nothing else", async () => {
      const person = await town.newcomer();
      const login = logInOverSsh(person, "--flow", "loopback");
      await login.said(/^https:\S+(?=\s)/m);
      const waiting = async () =>
        (await town.postern.json("account", "show", person.email)).signInsWaiting as number;
      expect(await waiting()).toBe(1);
      login.child.kill();
      await eventually(async () => (await waiting()) === 0);
      expect((await town.statusOf(person)).kind).toBe("signed-out");
    });
  });
});
