// The window, where the way is not the usual one: servers and sign-in named by hand, a provider that takes only passwords, a
// sign-in of another tool, addresses of every kind. A real Chromium, the real program; the mail servers are scripted.
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import {
  CONFIDENTIAL_CLIENT_ID,
  CONFIDENTIAL_CLIENT_SECRET,
  PUBLIC_CLIENT_ID,
} from "../support/authorization-server.ts";
import { type Chromium, describeWithChromium, startChromium } from "../support/chromium.ts";
import { type DnsServer, startDnsServer } from "../support/dns-server.ts";
import { type PasswordProvider, startPasswordProvider } from "../support/password-upstream.ts";
import { DocumentAnswer, type SmallInternet, startSmallInternet } from "../support/small-internet.ts";
import { startTown, type Town } from "../support/town.ts";
import { openPosternWindow, type PosternWindow, signInOnTab } from "../support/window-in-chromium.ts";

const PEOPLE = 20;

describeWithChromium("the window, in other ways", () => {
  let town: Town;
  let dns: DnsServer;
  let internet: SmallInternet;
  let provider: PasswordProvider;
  /** The same people, after STARTTLS. */
  let startTls: PasswordProvider;
  let chromium: Chromium;
  let window: PosternWindow;
  /** From the end: the town's own residents come from the beginning. */
  let people = PEOPLE;

  beforeAll(async () => {
    dns = await startDnsServer({});
    town = await startTown({ people: PEOPLE, postern: { env: { POSTERN_DNS_SERVER: dns.address } } });
    internet = await startSmallInternet();
    const certificate = await town.authority.issue(["imap.mail.me.com", "smtp.mail.me.com", "localhost"]);
    // iCloud wants the local part alone for reading.
    const app = "abcd-efgh-ijkl-mnop";
    const passwords = { jane: app, "jane@icloud.com": app, "by-hand@example.test": " of old  " };
    provider = await startPasswordProvider({ certificate, people: passwords });
    startTls = await startPasswordProvider({ certificate, people: passwords, tls: "starttls" });
    internet.put("imap.mail.me.com:993", provider.imap.port);
    internet.put("smtp.mail.me.com:587", startTls.smtp.port);
    chromium = await startChromium(town.authority);
  });
  afterAll(async () => {
    await chromium?.close();
    await Promise.all([provider?.close(), startTls?.close()]);
    await internet?.close();
    await town?.close();
    await dns?.close();
  });
  beforeEach(async () => {
    window = await openPosternWindow(town.postern, chromium);
  });
  afterEach(() => window?.close());

  const nextPerson = () => {
    const number = people--;
    return { email: `resident${number}@example.test`, password: `secret of resident ${number}` };
  };
  const button = (name: string | RegExp) => window.page.getByRole("button", { name });
  const field = (name: string | RegExp) => window.page.getByRole("textbox", { name });
  const says = (text: string | RegExp) => window.page.getByText(text).first().waitFor();
  const show = (hash: string) => window.page.evaluate(`location.hash = ${JSON.stringify(hash)}`);

  /** Neither in the page's stores, nor in its elements and fields. */
  async function noTraceOf(secret: string): Promise<void> {
    const fields = "[...document.querySelectorAll('input')].map((one) => one.value)";
    const places = `[{...sessionStorage}, {...localStorage}, document.documentElement.outerHTML, history.state, location.href, ${fields}]`;
    expect(await window.page.evaluate(`JSON.stringify(${places})`)).not.toContain(secret);
  }
  async function typeAddress(email: string, then: string): Promise<void> {
    await show("#/add");
    await field("Your mail address").fill(email);
    await button(then).click();
  }
  async function nameServers(imap: [string, number], smtp: [string, number]): Promise<void> {
    for (const [legend, [host, port]] of [
      [/reading/, imap],
      [/sending/, smtp],
    ] as const) {
      const group = window.page.getByRole("group", { name: legend });
      await group.getByRole("textbox", { name: "Name" }).fill(host);
      await group.getByRole("textbox", { name: "Port" }).fill(String(port));
    }
    await button("Use these servers").click();
  }

  it("opens a mailbox by servers named by hand and a password, which is in no place of the page afterwards", async () => {
    await typeAddress("by-hand@example.test", "Use without a provider");
    await nameServers(["localhost", provider.imap.port], ["localhost", provider.smtp.port]);
    await button("Use the mailbox’s password instead").click();
    await button("Continue").click();
    await field("Password at the provider").fill("not it");
    await button("Check and keep it").click();
    await window.page.getByRole("alert").waitFor();
    await says("Your provider refused the mailbox’s password");
    await field("Password at the provider").fill(" of old  ");
    await button("Check and keep it").click();
    await says("Mail works in both directions.");
    await noTraceOf("of old");
  });

  it("leads to the page where iCloud makes an app password, and takes it as it is copied there", async () => {
    const { port } = (await internet.route()) as { port: number };
    await town.postern.cli("settings", "set", "mail-proxy", `http://127.0.0.1:${port}`);
    try {
      await typeAddress("jane@icloud.com", "Continue");
      await says(/^This is a.* iCloud.* mailbox\.$/);
      await button("Continue").click();
      const link = window.page.getByRole("link", { name: "Make one on your provider’s page" });
      expect(await link.getAttribute("href")).toMatch(/^https:\/\/(?:account|appleid)\.apple\.com/);
      await field("Password at the provider").fill("abcd-efgh-ijkl-mnop");
      await button("Check and keep it").click();
      await says("Mail works in both directions.");
    } finally {
      await town.postern.cli("settings", "set", "mail-proxy", "none");
    }
    await noTraceOf("abcd-efgh");
  });

  it("takes a server's name in every way in which people write it, and no port that is none", async () => {
    await typeAddress("ports@example.test", "Use without a provider");
    const reading = window.page.getByRole("group", { name: /reading/ });
    const port = reading.getByRole("textbox", { name: "Port" });
    await reading.getByText("after a greeting").click();
    expect(await port.inputValue()).toBe("143");
    await reading.getByText("from the start").click();
    expect(await port.inputValue()).toBe("993");
    await nameServers(["imap.example.org:993", 993], ["smtp.example.org", 465]);
    await reading.getByText("A server’s name looks like mail.example.org.").waitFor();
    await nameServers(["imap..example.org", 65_536], ["smtp.example.org", 465]);
    await reading.getByText("A port is a number from 1 to 65535.").waitFor();
    expect(await port.inputValue()).toBe("65536");
    await nameServers(["[::1]", 1993], ["bücher.example", 465]);
    await says("::1, 1993, encrypted");
    await says("xn--bcher-kva.example, 465, encrypted");
  });

  it("asks for the sign-in server first, lets a wrong one be corrected, and registers by itself where it may", async () => {
    const person = nextPerson();
    await typeAddress(person.email, "Use without a provider");
    await nameServers(["localhost", town.imap.port], ["localhost", town.smtp.port]);
    const issuer = field("Address of the sign-in server");
    await issuer.fill("http://localhost");
    await button("Continue").click();
    await window.page.locator(".field-error", { hasText: "It begins with https://" }).waitFor();
    await issuer.fill(`https://localhost:${town.imap.port}`);
    await button("Continue").click();
    await says("There is no answer at this address that tells how to sign in.");
    await issuer.fill(town.authorizationServer.issuer);
    await button("Continue").click();
    await button("Continue").click();
    await button("Sign in in the browser").waitFor();
    const tab = await window.nextTab(() => button("Sign in in the browser").click());
    await signInOnTab(tab, person);
    await says("Mail works in both directions.");
  });

  it("takes a client id by hand, with a secret, where registering by itself is refused or not wanted", async () => {
    const person = nextPerson();
    await typeAddress(person.email, "Use without a provider");
    await nameServers(["localhost", town.imap.port], ["localhost", town.smtp.port]);
    await field("Address of the sign-in server").fill(town.authorizationServer.issuer);
    await button("Continue").click();
    await button("I have a client id").click();
    await field("Client id").fill(CONFIDENTIAL_CLIENT_ID);
    await field("Client secret, if there is one").fill(CONFIDENTIAL_CLIENT_SECRET);
    await button("Continue").click();
    await button("Continue").click();
    const tab = await window.nextTab(() => button("Sign in in the browser").click());
    await signInOnTab(tab, person);
    await says("Mail works in both directions.");
    await noTraceOf(CONFIDENTIAL_CLIENT_SECRET);
  });

  it("leads from a client secret that is wrong to the account added anew", async () => {
    const person = nextPerson();
    await typeAddress(person.email, "Use without a provider");
    await nameServers(["localhost", town.imap.port], ["localhost", town.smtp.port]);
    await field("Address of the sign-in server").fill(town.authorizationServer.issuer);
    await button("Continue").click();
    await button("I have a client id").click();
    await field("Client id").fill(CONFIDENTIAL_CLIENT_ID);
    await field("Client secret, if there is one").fill("not the secret");
    await button("Continue").click();
    await button("Continue").click();
    const tab = await window.nextTab(() => button("Sign in in the browser").click());
    await signInOnTab(tab, person);
    await window.page.getByRole("alert").getByRole("link", { name: "Add the account again" }).click();
    expect(await field("Your mail address").inputValue()).toBe(person.email);
    await button("Remove it and add it anew").click();
    await window.page
      .getByRole("alertdialog")
      .getByRole("button", { name: "Remove it and add it anew" })
      .click();
    await button("Use another address").waitFor();
    expect(
      (await town.postern.json("status")).accounts.map((one: { email: string }) => one.email),
    ).not.toContain(person.email);
  });

  it("takes over a sign-in of another tool; where it cannot, the browser is one press away", async () => {
    const person = nextPerson();
    await show("#/add");
    await button("I come from another tool").click();
    await typeAddress(person.email, "Use without a provider");
    await nameServers(["localhost", town.imap.port], ["localhost", town.smtp.port]);
    await field("Address of the sign-in server").fill(town.authorizationServer.issuer);
    await button("Continue").click();
    await button("I have a client id").click();
    await field("Client id").fill(PUBLIC_CLIENT_ID);
    await button("Continue").click();
    await button("Continue").click();
    await field("The other tool’s refresh token").fill("   ");
    await button("Check and take it over").click();
    await says("There is nothing in this field yet.");
    await field("The other tool’s refresh token").fill(" not-a-sign-in ");
    await button("Check and take it over").click();
    await says("Your provider does not accept the sign-in that was brought along");
    const tab = await window.nextTab(() => button("Sign in in the browser instead").click());
    await signInOnTab(tab, person);
    await says("Mail works in both directions.");
  });

  it("knows an account however its address is written, and shows addresses of every kind harmlessly", async () => {
    const { email } = await town.resident();
    await typeAddress(email.toUpperCase(), "Continue");
    await says(`${email} is here already.`);
    await window.page.getByRole("link", { name: "Show the account" }).click();
    await window.page.getByRole("heading", { level: 1, name: email }).waitFor();
    for (const address of [
      `${"a".repeat(310)}@example.test`,
      "a@b@c",
      '"a b"@example.test',
      "nobody",
      "@",
      " ",
    ]) {
      await typeAddress(address, "Continue");
      await says("A mail address looks like alice@example.org.");
    }
    for (const address of [
      "😀@example.test",
      '"q"@bücher.example',
      "x@[127.0.0.1]",
      "<img/src=x/onerror=alert(1)>@example.test",
      "\u202egro.elpmaxe@example.test",
    ]) {
      await typeAddress(address, "Continue");
      await button("Use another address").waitFor();
      expect(await window.page.locator("main img").count()).toBe(0);
      await button("Use another address").click();
      expect(await field("Your mail address").inputValue()).toBe(address);
    }
    await typeAddress("somebody@proton.me", "Continue");
    await window.page.getByRole("link", { name: /^Get / }).waitFor();
  });

  it("shows what a domain publishes of itself as text, whatever it is", async () => {
    const name = `<img src=x onerror="document.title='hit'">\u202etxet\u0007 ${"long ".repeat(2000)}`;
    const escaped = name.replace(/[<>&"]/g, (sign) => `&#${sign.charCodeAt(0)};`).replace("\u0007", "");
    const server = (kind: string, host: string) =>
      `<${kind} type="${kind === "incomingServer" ? "imap" : "smtp"}"><hostname>${host}</hostname><port>993</port>` +
      `<socketType>SSL</socketType><username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication></${kind}>`;
    const longest = `${"a".repeat(60)}.${"b".repeat(60)}.${"c".repeat(60)}.example.test`;
    const xml = `<clientConfig version="1.1"><emailProvider id="hostile.test"><domain>hostile.test</domain><displayName>${escaped}</displayName>
      ${server("incomingServer", longest)}${server("outgoingServer", "smtp.hostile.test")}</emailProvider></clientConfig>`;
    const answer = new DocumentAnswer(200, xml, { "content-type": "text/xml" });
    await internet.publish(town.authority, {
      "https://autoconfig.hostile.test/mail/config-v1.1.xml?emailaddress=x%40hostile.test": answer,
      "https://autoconfig.hostile.test/mail/config-v1.1.xml": answer,
    });
    const { port } = (await internet.route()) as { port: number };
    await town.postern.cli("settings", "set", "sign-in-proxy", `http://127.0.0.1:${port}`);
    try {
      await window.page.setViewportSize({ width: 720, height: 520 });
      await typeAddress("x@hostile.test", "Continue");
      await button("Use another address").waitFor();
      await button("How it was found").click();
      const shown = await window.page.locator("main").innerText();
      expect(shown).toContain(longest);
      expect(shown).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
      expect(await window.page.locator("main img").count()).toBe(0);
      expect(await window.page.title()).not.toBe("hit");
      expect(
        await window.page.evaluate("document.documentElement.scrollWidth - innerWidth"),
      ).toBeLessThanOrEqual(0);
    } finally {
      await town.postern.cli("settings", "set", "sign-in-proxy", "environment");
    }
  });
});
