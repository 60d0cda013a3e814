// Another site in the same browser, while a person has the window open: whatever it makes Chromium send to the window's port is
// refused, is nothing that Postern hears of, and changes nothing (threats.md C1, C2).
// Chromium reaches the window through a relay that writes down both sides, so that what Chromium itself held back is not taken
// for what was refused.
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { writeWindowLauncher } from "../../src/cli/window-launcher.ts";
import { type ControlClient, connectToDaemon } from "../../src/control/client.ts";
import { ATTEMPTS } from "../support/attempts-of-other-sites.ts";
import { type Chromium, describeWithChromium, startChromium } from "../support/chromium.ts";
import { type RecordingRelay, startRecordingRelay } from "../support/recording-relay.ts";
import { eventually, startTown, type Town } from "../support/town.ts";
import { type PosternUi, startUi } from "../support/window-in-chromium.ts";

describeWithChromium("another site in the same browser", () => {
  let town: Town;
  let control: ControlClient;
  let email: string;
  /** Where everything that the window asks of Postern passes. */
  let asked: RecordingRelay;
  let ui: PosternUi;
  let own: string;
  let port: number;
  /** Between Chromium and the window; `rebound` under another name, and at first not to the window. */
  let relay: RecordingRelay;
  let rebound: RecordingRelay;
  let otherSite: Server;
  let otherPort: number;
  let chromium: Chromium;
  let person: Page;
  let bearer: string;
  let before: unknown;

  beforeAll(async () => {
    town = await startTown({ people: 1 });
    ({ email } = await town.resident());
    control = await connectToDaemon(join(town.postern.home, "control.json"));
    const home = join(town.postern.folder, "watched");
    asked = await watchControl(home);
    ui = await startUi({ env: { ...town.postern.env, POSTERN_HOME: home } });
    own = new URL(ui.url).origin;
    port = Number(new URL(ui.url).port);
    otherSite = createServer((_request, response) => {
      response.writeHead(200, { "content-type": "text/html", connection: "close" });
      response.end("<!doctype html><title>another site</title><body>");
    }).listen(0, "127.0.0.1");
    await once(otherSite, "listening");
    otherPort = (otherSite.address() as AddressInfo).port;
    relay = await startRecordingRelay(port);
    rebound = await startRecordingRelay(otherPort);
    chromium = await startChromium(town.authority, [
      `MAP 127.0.0.1:${port} 127.0.0.1:${relay.port}`,
      `MAP rebound.test:${port} 127.0.0.1:${rebound.port}`,
      "MAP evil.test 127.0.0.1",
    ]);
    person = await chromium.openWindow();
    await person.goto(ui.url);
    await person.getByText(email).first().waitFor();
    bearer = String(await person.evaluate("sessionStorage.getItem('postern-bearer')"));
  });
  afterAll(async () => {
    await chromium?.close();
    await ui?.stop();
    await Promise.all([relay, rebound, asked].map((one) => one?.close()));
    otherSite?.close();
    await town?.close();
  });
  beforeEach(async () => {
    before = await stateOfPostern();
    for (const one of [relay, rebound, asked]) one.forget();
  });

  /** Postern's own control file leads to a relay in front of its socket. */
  async function watchControl(home: string): Promise<RecordingRelay> {
    await mkdir(home, { mode: 0o700 });
    const file = JSON.parse(await readFile(join(town.postern.home, "control.json"), "utf8"));
    const endpoint = join(home, "relay.sock");
    await writeFile(join(home, "control.json"), JSON.stringify({ ...file, endpoint }), { mode: 0o600 });
    return startRecordingRelay(file.endpoint, endpoint);
  }

  async function stateOfPostern(): Promise<unknown> {
    const file = (name: string) => readFile(join(town.postern.home, name), "utf8");
    return {
      status: await control.call("status", {}),
      passwords: await control.call("password.list", { email }),
      settings: await control.call("settings.show", {}),
      files: [await file("config.json"), await file("state.json")],
    };
  }

  async function pageOf(address: string): Promise<Page> {
    const page = await person.context().newPage();
    await page.goto(address);
    expect(await page.title()).toBe("another site");
    return page;
  }

  /** What the script returned, or what it threw. */
  function run(page: Page, script: string): Promise<unknown> {
    const body = JSON.stringify({ email, name: "stolen" });
    const call = `(async (own, body) => { ${script} })(${JSON.stringify(own)}, ${JSON.stringify(body)})`;
    return page.evaluate(`${call}.catch((thrown) => { if (thrown.name !== "TypeError") throw thrown; })`);
  }

  async function expectNothingHappened(): Promise<void> {
    expect(asked.requests()).toEqual([]);
    expect(await stateOfPostern()).toEqual(before);
    expect(await person.context().cookies()).toEqual([]);
  }

  /** Sends octets to the window as they are. */
  async function say(request: string): Promise<string> {
    const socket = connect(port, "127.0.0.1");
    socket.end(request, "latin1");
    return text(socket);
  }

  const methodOf = (request: string): string | undefined => /^[A-Z]+/.exec(request)?.[0];
  const withHeader = (request: string, line: string): string =>
    request.replace("\r\n", () => `\r\n${line}\r\n`);

  /** The request that a preflight asks about, as Chromium would send it if it were let. */
  const withoutPreflight = (request: string): string =>
    withHeader(
      request
        .replace("OPTIONS", "POST")
        .replace(/Access-Control-Request-[^\r]*\r\n/g, "")
        .replace(
          "Sec-Fetch-Mode: cors",
          "Sec-Fetch-Mode: cors\r\nContent-Type: application/json\r\nContent-Length: 2",
        )
        .concat("{}"),
      "X-Test: 1",
    );

  function expectRefusals(answers: readonly string[]): void {
    for (const answer of answers) {
      expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect(answer).not.toMatch(/access-control|set-cookie|location:/i);
    }
  }

  describe.each(["127.0.0.1", "evil.test"])("at %s", (name) => {
    let page: Page;
    beforeEach(async () => {
      page = await pageOf(`http://${name}:${otherPort}/`);
    });
    afterEach(async () => {
      // With the tabs that it has opened: their requests are no part of the next attempt.
      const others = person.context().pages();
      await Promise.all(others.filter((one) => one !== person).map((one) => one.close()));
    });

    test.each(ATTEMPTS)("$name", async ({ script, method }) => {
      await run(page, script);
      const attempts = () => relay.requests().filter((request) => methodOf(request) === method);
      await eventually(() => attempts().length > 0 && relay.answers().length >= relay.requests().length);
      const requests = attempts();
      // Whatever else came, such as a browser's own question for an icon, is refused as well.
      expectRefusals(relay.answers());
      expect(relay.answered()).not.toContain("<title>Postern</title>");
      // The same again, as if the other site had a secret: a wrong one, or even the person's own.
      for (const secret of ["x".repeat(43), bearer]) {
        const authorization = `Authorization: Bearer ${secret}`;
        for (const request of requests) {
          const forms = method === "OPTIONS" ? [request, withoutPreflight(request)] : [request];
          for (const form of forms) expectRefusals([await say(withHeader(form, authorization))]);
        }
      }
      await expectNothingHappened();
    });
  });

  test("a name that was rebound to the window's port", async () => {
    const page = await pageOf(`http://rebound.test:${port}/`);
    rebound.leadTo(port);
    rebound.forget();
    const answers = await page.evaluate(`Promise.all([
      fetch('/'),
      fetch('/control/status', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }),
      fetch('/control/status', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json', authorization: 'Bearer ${bearer}' } }),
      fetch('/session', { method: 'POST', body: '{"secret":"x"}', headers: { 'content-type': 'application/json' } }),
    ].map((asked) => asked.then((answer) => answer.status)))`);
    expect(answers).toEqual([421, 421, 421, 421]);
    await page.goto(`http://rebound.test:${port}/`).catch(() => {});
    await eventually(() => rebound.answers().length > 4);
    expectRefusals(rebound.answers());
    await expectNothingHappened();
    await page.close();
  });

  test("while the person is still on the way: it gets a page that is nobody's, and does not keep them from coming", async () => {
    const second = await startUi({
      env: { ...town.postern.env, POSTERN_HOME: join(town.postern.folder, "watched") },
    });
    asked.forget();
    const { origin } = new URL(second.url);
    const page = await pageOf(`http://evil.test:${otherPort}/`);
    const exchange = page.waitForResponse(`${origin}/session`);
    await page.evaluate(
      `setTimeout(() => { location.href = '${origin}/#/open?secret=${"x".repeat(43)}' }, 0)`,
    );
    expect((await exchange).status()).toBe(401);
    await expectNothingHappened();
    // In that very tab, where it is another fragment of the same address.
    await page.goto(second.url);
    await page.getByText(email).first().waitFor();
    await page.close();
    await second.stop();
  });

  test("but the file that `postern ui` has a browser open leads the person in", async () => {
    const second = await startUi({
      env: { ...town.postern.env, POSTERN_HOME: join(town.postern.folder, "watched") },
    });
    const launcher = await writeWindowLauncher(town.postern.folder, second.url);
    const page = await person.context().newPage();
    await page.goto(pathToFileURL(launcher.path).href);
    await page.getByText(email).first().waitFor();
    expect(new URL(page.url()).origin).toBe(new URL(second.url).origin);
    expect(page.url()).not.toContain("secret");
    launcher.remove();
    await page.close();
    await second.stop();
  });

  test("and the person's own page goes on, and may do what the others could not", async () => {
    const status = await person.evaluate(`fetch('/control/password.create', {
      method: 'POST',
      body: ${JSON.stringify(JSON.stringify({ email, name: "mine" }))},
      headers: { 'content-type': 'application/json', authorization: 'Bearer ' + sessionStorage.getItem('postern-bearer') },
    }).then((answer) => answer.status)`);
    expect(status).toBe(200);
    expect(asked.requests().some((request) => request.startsWith("POST /control/password.create "))).toBe(
      true,
    );
    expect(await stateOfPostern()).not.toEqual(before);
  });
});
