// The whole path with Keycloak: people sign in on its own pages in Chromium, Dovecot asks it about each token, and Postfix
// asks Dovecot.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEncryptedFileKeychain } from "../../src/oauth/keychain/encrypted-file.ts";
import { createTestAuthority } from "../support/authority.ts";
import { type Chromium, describeWithChromium, startChromium } from "../support/chromium.ts";
import { type DnsServer, type ServiceRecord, startDnsServer } from "../support/dns-server.ts";
import { describeWithKeycloak, type Keycloak, MAIL_SCOPE, startKeycloak } from "../support/keycloak.ts";
import { answerConsent, signInOnDevicePage, signInOnPage } from "../support/keycloak-in-chromium.ts";
import type { Person } from "../support/person.ts";
import { describeWithRealServers, startMailServers } from "../support/real-servers.ts";
import { createPeople, type MailTown, settleTown } from "../support/real-town.ts";
import { request } from "../support/request.ts";

const ACCESS_TOKEN_SECONDS = 10;
/** In milliseconds. */
const MINUTE = 60_000;
const LEGS = ["sign-in", "imap-direct", "smtp-direct", "imap-local", "smtp-local"];

const WAYS = [
  { mechanism: "xoauth2", tls: "implicit" },
  { mechanism: "oauthbearer", tls: "starttls" },
] as const;

describeWithRealServers("signing in at Keycloak", () => {
  describeWithChromium("on Keycloak's own pages", async () => {
    await describeWithKeycloak("of a real Keycloak", mailWithKeycloak);
  });
});

function mailWithKeycloak(): void {
  const services: Record<string, ServiceRecord[]> = {};
  let [keycloak, chromium, dns]: [Keycloak?, Chromium?, DnsServer?] = [];
  let town: MailTown & { readonly keycloak: Keycloak; readonly chromium: Chromium };

  beforeAll(async () => {
    const authority = await createTestAuthority();
    const people = createPeople(6);
    [keycloak, chromium, dns] = await Promise.all([
      // No scope of `openid` for whoever registers: Keycloak as it is delivered.
      startKeycloak({ authority, people, accessTokenSeconds: ACCESS_TOKEN_SECONDS, registrationScopes: [] }),
      startChromium(authority),
      startDnsServer({ services }),
    ]);
    const { issuer, clientId, introspectionUrl, introspectionClient, openidConfigurationUrl } = keycloak;
    const servers = await startMailServers({
      authority,
      introspectionUrl,
      introspectionClient,
      openidConfigurationUrl,
    });
    town = await settleTown(
      { ...servers, keycloak, chromium },
      {
        people,
        signIn: {
          "--issuer": issuer,
          "--client-id": clientId,
          "--scope": `openid email offline_access ${MAIL_SCOPE}`,
        },
        postern: { env: { POSTERN_DNS_SERVER: dns.address } },
      },
    );
    services["_imaps._tcp.example.test"] = [{ target: "localhost", port: servers.dovecot.imapsPort }];
    services["_submissions._tcp.example.test"] = [
      { target: "localhost", port: servers.postfix.submissionsPort },
    ];
  });
  afterAll(async () => {
    await town?.stop();
    await Promise.all([chromium?.close(), dns?.close()]);
    await keycloak?.close();
  });

  /** Opens the address that `login` prints; ends at the page that Postern itself shows. */
  async function signIn(person: Person, consent?: "Yes" | "No") {
    const program = town.login(person, ["--no-open"]);
    const [address] = await program.said(/^https:\S+$/m);
    const window = await town.chromium.openWindow();
    await signInOnPage(window, address, person);
    const asked = consent === undefined ? [] : await answerConsent(window, consent);
    await window.waitForURL("http://127.0.0.1:*/**");
    const text = await window.innerText("body");
    return { asked, heading: await headingOf(window), text, ended: await program.finished };
  }
  const headingOf = (window: Page): Promise<string> => window.getByRole("heading", { level: 1 }).innerText();

  async function expectToSignIn(person: Person): Promise<void> {
    const { heading, text, ended } = await signIn(person);
    expect(heading, text + ended.stderr).toBe("You are signed in");
    expect(ended.exitCode, ended.stderr).toBe(0);
    expect(ended.stdout).toContain(`Signed in to ${person.email}.`);
  }

  async function expectEveryLegToWork({ email }: Person): Promise<void> {
    const result = await town.postern.json("account", "test", email);
    expect(result).toMatchObject({ works: true, conclusion: "Everything works." });
    expect(result.legs.map(({ leg }: { leg: string }) => leg)).toEqual(LEGS);
  }

  /** As Postern keeps it now. */
  async function refreshTokenOf({ email }: Person): Promise<string> {
    const { home, folder } = town.postern;
    const path = join(home, "keychain.encrypted");
    const keychain = createEncryptedFileKeychain({ path, keyFile: join(folder, "key") });
    const { id } = await town.postern.json("account", "show", email);
    const entry = await keychain.read({ purpose: "refresh-token", accountId: id });
    if (entry === undefined) throw new Error(`nobody is signed in to ${email}`);
    return entry.current.value.reveal();
  }

  describe("a sign-in", () => {
    const people: Person[] = [];

    it.each(WAYS)("opens the mailbox with $mechanism over $tls", async ({ mechanism, tls }) => {
      const { dovecot, postfix } = town;
      const [imap, smtp] =
        tls === "implicit"
          ? [dovecot.imapsPort, postfix.submissionsPort]
          : [dovecot.imapPort, postfix.submissionPort];
      const person = await town.newcomer({
        "--mechanism": mechanism,
        "--imap": `localhost:${imap}`,
        "--imap-tls": tls,
        "--smtp": `localhost:${smtp}`,
        "--smtp-tls": tls,
      });
      await expectToSignIn(person);
      await town.exchangeMail(person);
      await expectEveryLegToWork(person);
      const method = mechanism.toUpperCase();
      expect(await dovecot.log()).toContain(`user=<${person.email}>, method=${method}, `);
      expect(await postfix.log()).toContain(`sasl_method=${method}, sasl_username=${person.email}`);
      people.push(person);
    });

    it("lasts beyond a restart and the access token's end, each time with another refresh token", async () => {
      expect(people).toHaveLength(WAYS.length);
      const first = await Promise.all(people.map(refreshTokenOf));
      await town.restart();
      await Promise.all(people.map(outliveAccessToken));
      const last = await Promise.all(people.map(refreshTokenOf));
      expect(new Set([...first, ...last]).size).toBe(2 * WAYS.length);
    });

    async function outliveAccessToken(person: Person): Promise<void> {
      await town.exchangeMail(person);
      const before = await refreshTokenOf(person);
      await town.postern.json("account", "set", person.email, "token-access", "on");
      const { accessToken } = await town.postern.json("token", person.email);
      const check = () => town.keycloak.checkToken(accessToken);
      expect(await check()).toBe(person.email);
      await expect.poll(check, { interval: 250, timeout: 30_000 }).toBeUndefined();
      await town.exchangeMail(person);
      expect(await refreshTokenOf(person)).not.toBe(before);
      expect((await town.statusOf(person)).kind).toBe("working");
    }
  });

  it("a device's code is typed on Keycloak's page, by somebody with no browser near Postern", async () => {
    const person = await town.newcomer();
    const program = town.login(person, ["--flow", "device"]);
    const [, address = ""] = await program.said(/open +(https:\S+)/);
    const [, userCode = ""] = await program.said(/code: +(\S+)/);
    const window = await town.chromium.openWindow();
    await signInOnDevicePage(window, address, userCode, person);
    expect(await answerConsent(window, "Yes")).toContain("Read and send your mail");
    const { exitCode, stdout, stderr } = await program.finished;
    expect(exitCode, stdout + stderr).toBe(0);
    expect(await headingOf(window)).toBe("Device Login Successful");
    await town.exchangeMail(person);
    await expectEveryLegToWork(person);
  });

  it("an address is enough: Dovecot names Keycloak, Postern registers itself there, and the person agrees", async () => {
    const person = town.stranger();
    const added = await town.postern.json("account", "add", person.email, "--yes");
    expect(added).toMatchObject({
      issuer: town.keycloak.issuer,
      imap: { host: "localhost", port: town.dovecot.imapsPort, tls: "implicit" },
      smtp: { host: "localhost", port: town.postfix.submissionsPort, tls: "implicit" },
    });
    expect(added.clientId).not.toBe(town.keycloak.clientId);

    const refused = await signIn(person, "No");
    expect(refused.heading).toBe("The sign-in did not work");
    expect(refused.text).toContain("The sign-in was cancelled or refused in the browser.");
    expect(refused.ended.exitCode).not.toBe(0);
    expect((await town.statusOf(person)).kind).toBe("signed-out");

    const agreed = await signIn(person, "Yes");
    expect(agreed.asked).toContain("Read and send your mail");
    expect(agreed.heading).toBe("You are signed in");
    expect(agreed.ended.exitCode, agreed.ended.stderr).toBe(0);
    await town.exchangeMail(person);
    await expectEveryLegToWork(person);
  });

  it("logout --revoke leaves Keycloak with nothing that could be used", async () => {
    const person = await town.newcomer();
    await expectToSignIn(person);
    await town.exchangeMail(person);
    const refreshToken = await refreshTokenOf(person);
    const loggedOut = await town.postern.json("logout", person.email, "--revoke", "--yes");
    expect(loggedOut).toMatchObject({ signedOut: person.email, revocation: "done" });
    const again = await request(`${town.keycloak.issuer}/protocol/openid-connect/token`, {
      form: new URLSearchParams({
        grant_type: "refresh_token",
        refresh_token: refreshToken,
        client_id: town.keycloak.clientId,
      }),
      authorityPem: town.authority.certificatePem,
    });
    expect(JSON.parse(again.body)).toMatchObject({ error: "invalid_grant" });
    expect(await town.answersTo(person)).toEqual({
      imap: "NO [UNAVAILABLE] Sign in in Postern first",
      smtp: "450 4.7.0 Sign in in Postern first",
    });
    expect((await town.statusOf(person)).kind).toBe("signed-out");
  });

  it("what an administrator has ended is told after two refusals, and ends when the person signs in again", async () => {
    const person = await town.newcomer();
    await expectToSignIn(person);
    const clockFile = join(town.postern.folder, "ahead");
    const clock = pathToFileURL(join(import.meta.dirname, "../support/moved-clock.ts")).href;
    await writeFile(clockFile, "0");
    await town.restart({ NODE_OPTIONS: `--import ${clock}`, POSTERN_TEST_CLOCK: clockFile });
    await town.exchangeMail(person);

    await town.keycloak.revokeSessionsOf(person.email);
    const first = await town.answersTo(person);
    expect(first.imap).toBe("NO [UNAVAILABLE] Sign in again in Postern if this lasts");
    expect(await town.statusOf(person)).toMatchObject({ kind: "offline", code: "sign-in-refused-once" });
    await writeFile(clockFile, String(MINUTE));
    expect(await town.answersTo(person)).toEqual({
      imap: "NO [UNAVAILABLE] Sign in again in Postern",
      smtp: "450 4.7.0 Sign in again in Postern",
    });
    expect(await town.statusOf(person)).toMatchObject({ kind: "needs-you", code: "sign-in-ended" });

    // Keycloak tells no Date, so nobody can make up for a clock by which its id_tokens have ended when they come.
    await writeFile(clockFile, "0");
    await town.restart();
    await expectToSignIn(person);
    await town.exchangeMail(person);
    expect((await town.statusOf(person)).kind).toBe("working");
  });
}
