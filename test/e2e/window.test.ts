// A person who has never heard of OAuth, in the window: from their address to mail in their mail program. A real Chromium, the
// real program, oidc-provider, Dovecot and Postfix; and the mail programs take exactly what the window gives.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { approveDevice } from "../support/browser.ts";
import { type Chromium, startChromium } from "../support/chromium.ts";
import { startFoundTown } from "../support/found-town.ts";
import type { Person } from "../support/person.ts";
import { describeWithRealServers } from "../support/real-servers.ts";
import type { RealTown } from "../support/real-town.ts";
import { type ProgramResult, runProgram } from "../support/run-program.ts";
import { showScreen } from "../support/screens.ts";
import { eventually } from "../support/town.ts";
import { openPosternWindow, type PosternWindow, signInOnTab } from "../support/window-in-chromium.ts";

describeWithRealServers("the window", () => {
  let town: RealTown;
  let chromium: Chromium;
  let window: PosternWindow;

  beforeAll(async () => {
    town = await startFoundTown();
    chromium = await startChromium(town.authority);
  });
  afterAll(async () => {
    await chromium?.close();
    await town?.stop();
  });
  beforeEach(async () => {
    window = await openPosternWindow(town.postern, chromium);
  });
  afterEach(() => window?.close());

  const button = (name: string | RegExp) => window.page.getByRole("button", { name });
  const says = (text: string | RegExp) => window.page.getByText(text).first().waitFor();

  /** As far as the account is there, and nobody has signed in to it. */
  async function addByAddress({ email }: Person): Promise<void> {
    const { page } = window;
    await page.getByRole("link", { name: "Add account" }).click();
    await page.getByRole("textbox", { name: "Your mail address" }).fill(email);
    await page.keyboard.press("Enter");
    await says("Do you know these servers?");
    await page.getByText("Yes, they belong to my provider").click();
    await button("Continue").click();
    await button("Sign in in the browser").waitFor();
  }

  /** The first, who has an account that works. */
  let signedIn: Person;

  it("takes somebody from their address to mail in mbsync and msmtp, by what it shows and gives", async () => {
    const person = town.stranger();
    signedIn = person;
    expect(await showScreen(window.page, "first-start")).toEqual([]);
    await addByAddress(person);
    expect(await showScreen(window.page, "sign-in")).toEqual([]);
    const tab = await window.nextTab(() => button("Sign in in the browser").click());
    await says("Waiting for your browser…");
    expect(await showScreen(window.page, "waiting")).toEqual([]);
    await signInOnTab(tab, person);
    await says("Mail works in both directions.");
    expect(await showScreen(window.page, "works")).toEqual([]);
    expect((await town.statusOf(person)).kind).toBe("working");

    await button("Continue").click();
    expect(await showScreen(window.page, "pick-a-program")).toEqual([]);
    await window.page.getByText("mutt, msmtp, mbsync").click();
    await button("Make a password and show the settings").click();
    await says(/^Waiting for .* first login…$/);
    expect(await showScreen(window.page, "values")).toEqual([]);
    const home = await mkdtemp(join(tmpdir(), "person-"));
    try {
      for (const name of ["msmtprc", "mbsyncrc"]) {
        const coming = window.page.waitForEvent("download");
        await window.page.getByRole("link", { name: `Download ${name}` }).click();
        await (await coming).saveAs(join(home, name));
        const command = await window.page
          .locator(".file-line code")
          .filter({ hasText: `~/.${name}` })
          .innerText();
        expect(await inShell(home, command)).toMatchObject({ exitCode: 0, stderr: "" });
      }
      const message = `From: ${person.email}\nTo: ${person.email}\nSubject: to myself\n\nby the window\n`;
      expect(await inShell(home, `msmtp ${person.email}`, message)).toMatchObject({
        exitCode: 0,
        stderr: "",
      });
      await eventually(async () => {
        expect((await inShell(home, "mbsync --all")).exitCode).toBe(0);
        return (await inShell(home, "grep -rl 'by the window' Mail")).exitCode === 0;
      });
    } finally {
      await rm(home, { recursive: true });
    }
    await says("It works.");
    await button("Done").click();
    await says("Working. mutt");
    expect(await showScreen(window.page, "account")).toEqual([]);
  });

  it("says why a mail program does not get in, and which value to correct", async () => {
    const { page } = window;
    const person = signedIn;
    await page.getByRole("link", { name: person.email }).click();
    await page.getByRole("link", { name: "Connect a mail program" }).click();
    await page.getByText("Another program").click();
    await button("Make a password and show the settings").click();
    await says(/^Waiting for/);
    await town.answersTo(person, "not the password");
    await says(/password/i);
    expect(await showScreen(page, "wrong-password")).toEqual([]);
    await page.getByText("Correct this").first().waitFor();
  });

  it("takes a code typed on another device", async () => {
    const person = town.stranger();
    await addByAddress(person);
    await button("Use another device").click();
    await says("Type this code at your provider");
    const { page } = window;
    expect(await showScreen(page, "device-code")).toEqual([]);
    const code = (await page.locator(".device-code code").innerText()).trim();
    const address = await page.locator(".device a").getAttribute("href");
    await approveDevice(`${address}?user_code=${code}`, { ...person, authority: town.authority });
    await says("Mail works in both directions.");
    await town.exchangeMail(person);
  });

  it("bears a wrong password at the provider: the person corrects it there, and the window waits", async () => {
    const person = town.stranger();
    await addByAddress(person);
    const tab = await window.nextTab(() => button("Sign in in the browser").click());
    await tab.locator("input[type=email]").fill(person.email);
    await tab.locator("input[type=password]").fill("not the password");
    await tab.locator("form button").first().click();
    await tab.getByText("The address or the password is wrong.").waitFor();
    await says("Waiting for your browser…");
    await signInOnTab(tab, person);
    await says("Mail works in both directions.");
  });

  it("says what a refusal in the browser means, and lets the person try again", async () => {
    const person = town.stranger();
    await addByAddress(person);
    const tab = await window.nextTab(() => button("Sign in in the browser").click());
    await tab.locator("input[type=email]").fill(person.email);
    await tab.locator("input[type=password]").fill(person.password);
    await tab.locator("form button").first().click();
    await tab.locator("button[value=deny]").click();
    await window.page.getByRole("alert").waitFor();
    expect(await showScreen(window.page, "sign-in-denied")).toEqual([]);
    const again = await window.nextTab(() => button("Try again").click());
    // The provider knows them already, and asks only whether they allow it.
    await again.locator("button[value=allow]").click();
    await says("Mail works in both directions.");
  });

  it("can be told to stop waiting, and then keeps or removes what is there", async () => {
    const person = town.stranger();
    await addByAddress(person);
    await window.nextTab(() => button("Sign in in the browser").click());
    await says("Waiting for your browser…");
    await button("Cancel the sign-in").click();
    await button("Not now").click();
    await says("Nobody is signed in yet");
    expect((await town.statusOf(person)).kind).toBe("signed-out");
    await button("Remove it").click();
    await eventually(async () => {
      const { accounts } = await town.postern.json("status");
      return accounts.every(({ email }: { email: string }) => email !== person.email);
    });
  });

  it("says that the provider is down, keeps everything, and goes on when it is back", async () => {
    const person = town.stranger();
    await addByAddress(person);
    // Down when the code is to be exchanged; the page itself had still been there.
    const tab = await window.nextTab(() => button("Sign in in the browser").click());
    town.authorizationServer.setTokenFault({
      kind: "status",
      status: 503,
      body: "",
      contentType: "text/plain",
    });
    await signInOnTab(tab, person);
    await window.page.getByRole("alert").waitFor();
    expect(await showScreen(window.page, "provider-down")).toEqual([]);
    town.authorizationServer.setTokenFault({ kind: "none" });
    // The provider knows them already, and asks only whether they allow it.
    const again = await window.nextTab(() => button("Try again").click());
    await again.locator("button[value=allow]").click();
    await says("Mail works in both directions.");
  });

  it("waits where the provider's page itself does not come, and the page can be opened again", async () => {
    const person = town.stranger();
    await addByAddress(person);
    await town.authorizationServer.pause();
    const dead = await window.nextTab(() => button("Sign in in the browser").click());
    await says("Waiting for your browser…");
    await dead.close();
    await town.authorizationServer.resume();
    const tab = await window.nextTab(() =>
      window.page.getByRole("link", { name: "Open the page again" }).click(),
    );
    await signInOnTab(tab, person);
    await says("Mail works in both directions.");
  });

  it("asks before it keeps a sign-in of somebody else", async () => {
    const person = town.stranger();
    const other = town.stranger();
    await addByAddress(person);
    const tab = await window.nextTab(() => button("Sign in in the browser").click());
    await signInOnTab(tab, other);
    await says("Somebody else signed in");
    expect(await showScreen(window.page, "somebody-else")).toEqual([]);
    expect((await town.statusOf(person)).kind).toBe("signed-out");
    await button("Cancel").click();
    await button("Sign in in the browser").waitFor();
    expect((await town.statusOf(person)).kind).toBe("signed-out");
  });

  it("is built small, and paints at once from a Postern that has just started", async () => {
    const folder = resolve(import.meta.dirname, "../../dist/page/assets");
    const files = (await readdir(folder)).filter((name) => /\.(?:js|css)$/.test(name));
    const sizes = await Promise.all(
      files.map(async (name) => gzipSync(await readFile(join(folder, name))).length),
    );
    const kilobytes = sizes.reduce((sum, size) => sum + size, 0) / 1000;
    expect(kilobytes).toBeLessThan(350);
    expect(kilobytes).toBeGreaterThan(10);

    await town.restart();
    const fresh = await openPosternWindow(town.postern, chromium);
    try {
      await fresh.page.getByRole("heading", { level: 1 }).waitFor();
      const painted = (await fresh.page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0].startTime",
      )) as number;
      expect(painted).toBeLessThan(1000);
    } finally {
      await fresh.close();
    }
  });

  it("is used by the keyboard alone, from the address to the provider's answer", async () => {
    const { page } = window;
    await page.evaluate("location.hash = '#/add'");
    await page.getByRole("textbox", { name: "Your mail address" }).waitFor();
    await page.keyboard.type("somebody@example.test");
    await page.keyboard.press("Enter");
    await says("Do you know these servers?");
    for (let presses = 0; presses < 30; presses++) {
      await page.keyboard.press("Tab");
      if ((await page.evaluate("document.activeElement?.type")) === "checkbox") break;
    }
    await page.keyboard.press("Space");
    await button("Continue").and(page.locator(":not([disabled])")).waitFor();
    const focused = () => page.evaluate("document.activeElement?.textContent ?? ''") as Promise<string>;
    for (let presses = 0; presses < 30 && (await focused()) !== "Continue"; presses++) {
      await page.keyboard.press("Tab");
    }
    expect(await focused()).toBe("Continue");
  });

  it("fits into 720 × 520, and into as much of it as 200 % zoom leaves", async () => {
    const { page } = window;
    for (const [width, height] of [
      [720, 520],
      [360, 260],
    ] as const) {
      await page.setViewportSize({ width, height });
      for (const hash of ["#/add", "#/activity", "#/settings", `#/account/${signedIn.email}/more`]) {
        await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
        await page.getByRole("heading", { level: 1 }).waitFor();
        const wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
        expect(wide, `${hash} at ${width}`).toBeLessThanOrEqual(0);
      }
    }
  });

  it("speaks Japanese, where the person chooses it", async () => {
    const { page } = window;
    await page.evaluate("location.hash = '#/settings'");
    await button(/Language/).click();
    await page.getByRole("option", { name: "日本語" }).click();
    await page.getByRole("heading", { level: 1, name: "設定" }).waitFor();
    expect(await page.evaluate("document.documentElement.lang")).toBe("ja");
    expect(await showScreen(page, "settings-ja")).toEqual([]);
    await page.evaluate("location.hash = '#/add'");
    await page.getByRole("textbox", { name: "メールアドレス" }).waitFor();
    expect(await showScreen(page, "add-ja")).toEqual([]);
    await town.postern.cli("settings", "set", "language", "system");
    await page.getByRole("textbox", { name: "Your mail address" }).waitFor();
  });

  describe("each of its screens", () => {
    it.each([
      ["add", "#/add"],
      ["activity", "#/activity"],
      ["settings", "#/settings"],
      ["register", "#/register/google"],
      ["passwords", "#/account/ADDRESS/passwords"],
      ["account-activity", "#/account/ADDRESS/activity"],
      ["more", "#/account/ADDRESS/more"],
      ["sign-in-again", "#/account/ADDRESS/sign-in"],
      ["connect", "#/account/ADDRESS/connect"],
    ])("%s can be used by everybody", async (name, hash) => {
      const route = hash.replace("ADDRESS", signedIn.email);
      await window.page.evaluate(`location.hash = ${JSON.stringify(route)}`);
      await window.page.getByRole("heading", { level: 1 }).waitFor();
      await window.page.getByRole("progressbar").waitFor({ state: "detached" });
      expect(await showScreen(window.page, name)).toEqual([]);
    });
  });

  it("survives a restart of Postern", async () => {
    await window.page.getByRole("link", { name: signedIn.email }).click();
    await says("Working.");
    await town.restart();
    await eventually(async () => (await window.page.getByText("Postern does not answer").count()) === 0);
    await says("Working.");
  });
});

/** In a person's own shell, in their own folder. */
function inShell(home: string, command: string, input = ""): Promise<ProgramResult> {
  return runProgram("/bin/sh", ["-c", `cd "$HOME" && ${command}`], {
    environment: { HOME: home, USER: "person" },
    input,
  });
}
