// `npm run test:electron`: the real tray app, driven by Playwright, where Electron can run; elsewhere one line says why not.
// Invariant: it has a home of its own, and leaves no process and no file.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { _electron as electron, type Page } from "playwright-core";
import { haveElectron, whyNotTried } from "../../scripts/electron-here.ts";

const root = resolve(import.meta.dirname, "../..");
const say = (sentence: string): void => void process.stdout.write(`test:electron: ${sentence}\n`);

const { platform, env } = process;
const notTried = whyNotTried({ platform, env, userId: process.getuid?.() });
const found =
  notTried === undefined
    ? await haveElectron({ folder: join(root, "node_modules", "electron"), within: 120_000, say })
    : { reason: notTried };
if ("reason" in found) say(`left out, the real Electron: ${found.reason}`);
else await driveApp(found.program);

async function driveApp(program: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "postern-electron-"));
  const keyFile = join(folder, "key");
  await writeFile(keyFile, randomBytes(32).toString("base64"), { mode: 0o600 });
  const app = await electron.launch({
    executablePath: program,
    args: [root],
    env: {
      ...(env as Record<string, string>),
      POSTERN_HOME: join(folder, "home"),
      POSTERN_KEYCHAIN: "file",
      POSTERN_KEYCHAIN_KEY_FILE: keyFile,
      POSTERN_NODE: process.execPath,
    },
  });
  try {
    const page = await app.firstWindow();
    await page.getByRole("textbox", { name: "Your mail address" }).waitFor();
    say("the window shows the page");
    await checkPage(page);
    await page.close();
    assert.equal(app.windows().length, 0);
    say("the window is gone when it is closed, and the app goes on");
  } finally {
    await app.close();
    await rm(folder, { recursive: true, force: true });
  }
  say("everything held");
}

/** threats.md I, the tests of its first row. */
async function checkPage(page: Page): Promise<void> {
  assert.equal(page.url().split("#")[0], "app://postern/");
  assert.equal(await page.evaluate("typeof require + typeof process + typeof module"), "undefined".repeat(3));
  assert.deepEqual(await page.evaluate("Object.keys(posternNative).sort()"), [
    "autostart",
    "openExternal",
    "platform",
  ]);
  assert.equal(await page.evaluate("window.open('https://example.org/') === null"), true);
  await page.evaluate("location.href = 'https://example.org/'");
  assert.equal(page.url().split("#")[0], "app://postern/");
  assert.equal(
    await page.evaluate("fetch('https://example.org/').then(() => 'sent', () => 'blocked')"),
    "blocked",
  );
  assert.equal(await page.evaluate("posternNative.openExternal('file:///etc/passwd')"), false);
  assert.equal(
    await page.evaluate(
      "fetch('/control/token', { method: 'POST', body: '{}' }).then(({ status }) => status)",
    ),
    404,
  );
  say("the page has nothing of Node, opens nothing, goes nowhere, and gets no token");
}
