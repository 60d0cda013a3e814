// The window when things change under it: a sign-in that has ended, servers that are others than before, a Postern that dies, two
// windows at once, settings that cannot be. A real Chromium, the real program; the mail servers are scripted.
import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { connectToDaemon } from "../../src/control/client.ts";
import { type Chromium, describeWithChromium, startChromium } from "../support/chromium.ts";
import { type DnsServer, startDnsServer } from "../support/dns-server.ts";
import { type Postern, startPostern } from "../support/postern.ts";
import { connectRaw, type LocalLogin, logInToImap } from "../support/raw-client.ts";
import { editJson } from "../support/scripted-town.ts";
import { eventually, startTown, type Town } from "../support/town.ts";
import { openPosternWindow, type PosternWindow, signInOnTab } from "../support/window-in-chromium.ts";

describeWithChromium("the window, in troubles", () => {
  let town: Town;
  let dns: DnsServer;
  let chromium: Chromium;
  let window: PosternWindow;
  /** The one that runs now. */
  let postern: Postern;
  let residents = 0;

  beforeAll(async () => {
    dns = await startDnsServer({});
    town = await startTown({ people: 20, postern: { env: { POSTERN_DNS_SERVER: dns.address } } });
    postern = town.postern;
    chromium = await startChromium(town.authority);
  });
  afterAll(async () => {
    await chromium?.close();
    await postern?.stop();
    await town?.close();
    await dns?.close();
  });
  beforeEach(async () => {
    window = await openPosternWindow(postern, chromium);
  });
  afterEach(() => window?.close());

  const button = (name: string | RegExp) => window.page.getByRole("button", { name });
  const link = (name: string | RegExp) => window.page.getByRole("link", { name });
  const field = (name: string | RegExp) => window.page.getByRole("textbox", { name });
  const says = (text: string | RegExp) => window.page.getByText(text).first().waitFor();
  const show = (hash: string) => window.page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
  const control = () => connectToDaemon(join(postern.home, "control.json"));

  /** An account that works, and how its person signs in. */
  async function resident(): Promise<LocalLogin & { person: { email: string; password: string } }> {
    residents += 1;
    const login = await town.resident();
    return { ...login, person: { email: login.email, password: `secret of resident ${residents}` } };
  }
  /** Again on the same home, on other ports. */
  async function start(env: NodeJS.ProcessEnv = {}): Promise<void> {
    const { authority } = town;
    const all = { POSTERN_DNS_SERVER: dns.address, ...env };
    postern = await startPostern({ authority, folder: postern.folder, env: all });
  }

  it("leads from a sign-in that was ended at the provider to one that works, by one button", async () => {
    const { email, person, password } = await resident();
    await town.authorizationServer.revokeGrantsOf(email);
    await postern.kill();
    const clock = join(postern.folder, "clock");
    await writeFile(clock, "0");
    const movedClock = pathToFileURL(join(import.meta.dirname, "../support/moved-clock.ts")).href;
    await start({ NODE_OPTIONS: `--import ${movedClock}`, POSTERN_TEST_CLOCK: clock });
    await logInToImap(await connectRaw(postern.imapPort), { email, password }).catch(() => {});
    await show(`#/account/${email}/programs`);
    await says("Your provider refused the sign-in once.");
    // Once may be an accident of the provider's; a minute later it is not.
    await writeFile(clock, "120000");
    await button("Check now").first().click();
    await link("Sign in").first().click();
    const tab = await window.nextTab(() => button("Sign in in the browser").click());
    await signInOnTab(tab, person);
    await says("Mail works in both directions.");
    await button("Continue").click();
    await says(/^Working\./);
  });

  it("shows the servers that were agreed to beside the new ones, and goes on when a person agrees", async () => {
    const { email } = await resident();
    await postern.stop();
    await editJson(postern.home, "config.json", ({ accounts }) => {
      accounts.find((account: { email: string }) => account.email === email).imap.host = "127.0.0.1";
    });
    await start();
    await show(`#/account/${email}/programs`);
    await button("Compare the servers").click();
    const dialog = window.page.getByRole("alertdialog");
    await dialog.getByText("127.0.0.1").first().waitFor();
    await dialog.getByRole("button", { name: "They are right, use them" }).click();
    await dialog.waitFor({ state: "detached" });
    await says(/^Working\./);
  });

  it("says so while Postern is gone in the middle of a sign-in, and goes on when it is back", async () => {
    const { email, person } = await resident();
    await show(`#/account/${email}/sign-in`);
    const tab = await window.nextTab(() => button("Sign in in the browser").click());
    await says("Waiting for your browser…");
    await postern.kill();
    await says("Postern does not answer.");
    await window.page
      .getByRole("alert")
      .locator(".note-title", { hasText: "Postern is not running." })
      .waitFor();
    await button("Try again").click();
    await window.page
      .getByRole("alert")
      .locator(".note-title", { hasText: "Postern is not running." })
      .waitFor();
    await tab.close();
    await start();
    await window.page.getByText("Postern does not answer.").waitFor({ state: "detached" });
    const again = await window.nextTab(() => button("Try again").click());
    await signInOnTab(again, person);
    await says("Mail works in both directions.");
  });

  it("keeps what was typed while Postern is gone, and says so when the account is removed elsewhere", async () => {
    const email = "typed@example.test";
    await show("#/add");
    await field("Your mail address").fill(email);
    await button("Use without a provider").click();
    for (const [legend, { port }] of [
      [/reading/, town.imap],
      [/sending/, town.smtp],
    ] as const) {
      const group = window.page.getByRole("group", { name: legend });
      await group.getByRole("textbox", { name: "Name" }).fill("localhost");
      await group.getByRole("textbox", { name: "Port" }).fill(String(port));
    }
    await button("Use these servers").click();
    await button("Use the mailbox’s password instead").click();
    await postern.kill();
    await button("Continue").click();
    await window.page
      .getByRole("alert")
      .locator(".note-title", { hasText: "Postern is not running." })
      .waitFor();
    await start();
    await window.page.getByText("Postern does not answer.").waitFor({ state: "detached" });
    await button("Continue").click();
    await field("Password at the provider").waitFor();
    await (await control()).call("account.remove", { email });
    await window.page
      .getByRole("alert")
      .getByText(`There is no account with the address ${email} here.`)
      .waitFor();
    await link("To the accounts").click();
    await window.page.getByRole("alert").waitFor({ state: "detached" });
  });

  it("loses nothing and leaves no riddle when it is loaded anew in the middle of a sign-in", async () => {
    const { email, person } = await resident();
    await show(`#/account/${email}/sign-in`);
    await window.nextTab(() => button("Sign in in the browser").click());
    await says("Waiting for your browser…");
    await window.page.reload();
    await window.page.getByRole("heading", { level: 1, name: `Sign in to ${email}` }).waitFor();
    const again = await window.nextTab(() => button("Sign in in the browser").click());
    await signInOnTab(again, person);
    await says("Mail works in both directions.");
  });

  it("is one with a second window: what is done in one stands in the other", async () => {
    const { email, password } = await resident();
    const other = await openPosternWindow(postern, chromium);
    try {
      const client = await connectRaw(postern.imapPort);
      await logInToImap(client, { email, password });
      await other.page.evaluate(`location.hash = '#/account/${email}/passwords'`);
      await other.page.getByRole("rowheader", { name: "test" }).waitFor();
      await show(`#/account/${email}/passwords`);
      await button("Revoke test").click();
      await window.page.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
      await other.page.getByText("Local passwords will stand here").waitFor();
      await client.closed();

      await show(`#/account/${email}/more`);
      await button("Sign out").click();
      await window.page.getByRole("alertdialog").getByRole("button", { name: "Sign out" }).click();
      await says("Signed out here, and the provider has ended the sign-in.");
      await other.page.getByText("Needs you.").first().waitFor();

      await show("#/settings");
      const port = await freePort();
      await other.page.evaluate("location.hash = '#/settings'");
      for (const { page } of [window, other]) {
        const imap = page.getByRole("textbox", { name: "Port for reading (IMAP)" });
        const next = page === window.page ? port : await freePort();
        await imap.fill(String(next));
        await imap.press("Enter");
        await page.getByText(`port ${next}: ready`).first().waitFor();
        for (const each of [window, other]) {
          const shown = each.page.getByRole("textbox", { name: "Port for reading (IMAP)" });
          await eventually(async () => (await shown.inputValue()) === String(next));
        }
      }

      await other.page.evaluate(`location.hash = '#/account/${email}/more'`);
      await show(`#/account/${email}/more`);
      await button("Remove the account").click();
      await window.page.getByRole("alertdialog").getByRole("button", { name: "Remove the account" }).click();
      await other.page.getByText(`There is no account with the address ${email} here.`).waitFor();
    } finally {
      await other.close();
    }
  });

  it("says which port cannot be had, and takes no port and no proxy that is none", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    await show("#/settings");
    const imap = field("Port for reading (IMAP)");
    await imap.fill(String(port));
    await imap.press("Tab");
    await button("Save").click();
    await says(/another program uses it/);
    taken.close();
    await imap.fill("70000");
    await imap.press("Tab");
    await button("Save").click();
    await says("A port is a number from 1 to 65535.");
    expect(await imap.inputValue()).toBe("70000");

    const proxies = window.page.getByRole("radiogroup", { name: "For mail" });
    await proxies.getByText("This one").click();
    await field("Address").fill("http://alice:secret@proxy.example:3128");
    await says("without a password.");
    await window.page.reload();
    await proxies.getByText("No proxy").waitFor();
    expect((await (await control()).call("settings.show", {})).mailProxy).not.toContain("secret");
  });

  it("refuses what an administrator has set, and a domain that is not allowed", async () => {
    const policy = join(postern.folder, "policy.json");
    const rules = {
      version: 1,
      organisation: "Example Ltd",
      settings: { mailProxy: "none" },
      allowedDomains: ["example.test"],
    };
    await writeFile(policy, JSON.stringify(rules));
    await postern.stop();
    await start({ POSTERN_POLICY: policy });
    await show("#/settings");
    await says("Some settings are set by Example Ltd and cannot be changed here.");
    await show("#/add");
    await field("Your mail address").fill("somebody@elsewhere.test");
    await button("Use without a provider").click();
    for (const legend of [/reading/, /sending/]) {
      const group = window.page.getByRole("group", { name: legend });
      await group.getByRole("textbox", { name: "Name" }).fill("mail.elsewhere.test");
    }
    await button("Use these servers").click();
    await button("Use the mailbox’s password instead").click();
    await button("Continue").click();
    await says("Your organisation does not allow accounts of this domain in Postern.");
    const { accounts } = await (await control()).call("status", {});
    expect(accounts.map(({ email }) => email)).not.toContain("somebody@elsewhere.test");
    await rm(policy);
  });

  it("walks the guide to a client id, with what is wrong and what is right, and goes on where it was left", async () => {
    const { page } = window;
    const next = () => page.locator("main button.primary").click();
    const at = (step: number) => page.getByText(`Step ${step} of 8`).waitFor();
    await show("#/register/google");
    for (let step = 1; step < 6; step++) {
      await at(step);
      await next();
    }
    await at(6);
    const id = field("Client id");
    await id.fill("two words");
    await next();
    await says("It is one word, without spaces.");
    await id.fill("1234-abc.example");
    await says("This does not look like a client id of this provider.");
    await id.fill("1234-abc.apps.googleusercontent.com");
    await page.getByText("This does not look like").waitFor({ state: "detached" });
    await next();
    await at(7);
    await page.reload();
    await at(7);
    await button("One step back").click();
    await at(6);
    expect(await id.inputValue()).toBe("1234-abc.apps.googleusercontent.com");
    await next();
    await at(7);
    await field("Client secret").fill("GOCSPX-not-a-secret");
    await next();
    await at(8);
    await button("One step back").click();
    await says("Kept already. Leave this empty to keep it.");
    expect(await field("Client secret").inputValue()).toBe("");
    expect(await page.content()).not.toContain("GOCSPX");
    await next();
    await at(8);
    // Nothing but this machine can be reached from here, so nobody knows.
    await next();
    await page.getByRole("alert").getByText("Not clear").waitFor();
    await button("Go on all the same").click();
    await says("That was everything.");

    await show("#/add");
    await field("Your mail address").fill("jane@gmail.com");
    await button("Continue").click();
    await button("Continue").click();
    await button("Sign in in the browser").waitFor();
    const account = await (await control()).call("account.show", { email: "jane@gmail.com" });
    expect(account).toMatchObject({ clientId: "1234-abc.apps.googleusercontent.com", hasClientSecret: true });

    await show("#/register/google");
    await button("Begin again").click();
    await at(1);
  });
});

/** Free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
