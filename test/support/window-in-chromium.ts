// The window as a person has it: `postern ui` in one terminal, its page in a real Chromium, and tabs that the page opens.
// Invariant: the page is reached by the address that the command prints, and by nothing else.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import type { Page } from "playwright-core";
import type { Chromium } from "./chromium.ts";
import { type Postern, PROGRAM } from "./postern.ts";
import { collect, firstLine } from "./process.ts";

export interface PosternWindow {
  readonly page: Page;
  /** The one-time address, as printed. */
  readonly url: string;
  /** The next tab that the page opens, while `act` is done. */
  nextTab(act: () => Promise<unknown>): Promise<Page>;
  close(): Promise<void>;
}

export interface PosternUi {
  readonly url: string;
  stop(): Promise<void>;
}

/** `postern ui`, without a browser of its own. */
export async function startUi(postern: Pick<Postern, "env">): Promise<PosternUi> {
  const child: ChildProcessWithoutNullStreams = spawn(
    process.execPath,
    [PROGRAM, "ui", "--no-open", "--json"],
    { env: postern.env },
  );
  const line = await firstLine(child, collect(child));
  const { url } = JSON.parse(line) as { url: string };
  return {
    url,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const closed = once(child, "close");
      child.kill("SIGINT");
      await closed;
    },
  };
}

export async function openPosternWindow(
  postern: Pick<Postern, "env">,
  chromium: Chromium,
): Promise<PosternWindow> {
  const ui = await startUi(postern);
  const page = await chromium.openWindow();
  await page.goto(ui.url);
  return {
    page,
    url: ui.url,
    async nextTab(act) {
      const opened = page.context().waitForEvent("page");
      await act();
      return opened;
    },
    async close() {
      await page.context().close();
      await ui.stop();
    },
  };
}

/** Types the address and the password at the test authorization server, and allows what is asked for. */
export async function signInOnTab(
  tab: Page,
  person: { readonly email: string; readonly password: string },
): Promise<void> {
  await tab.locator("input[type=email]").fill(person.email);
  await tab.locator("input[type=password]").fill(person.password);
  await tab.locator("form button").first().click();
  await tab.locator("button[value=allow]").click();
}
