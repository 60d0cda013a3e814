// What comes of a mailbox's password that the provider refuses, that must not go where it would, or that the keychain does
// not give: mail programs are never told that their password is wrong, and nothing is lost (protocol.md §7).
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MINUTE } from "../support/fake-clock.ts";
import { attemptLogin, attemptMail } from "../support/mail-attempt.ts";
import { collectEvents, type PasswordTown, startPasswordTown } from "../support/password-town.ts";
import type { PasswordLogin, PasswordProvider } from "../support/password-upstream.ts";
import { startPostern } from "../support/postern.ts";
import type { LocalLogin } from "../support/raw-client.ts";
import { filesBelow, tracesIn } from "../support/secret-traces.ts";

let place: PasswordTown;
let provider: PasswordProvider;

beforeAll(async () => {
  place = await startPasswordTown();
  provider = await place.provider();
});

afterAll(async () => {
  await place.close();
});

const readMail = (login: LocalLogin): Promise<string> => attemptLogin(place.town.postern.imapPort, login);
/** Fails unless 235 comes first. */
const sendMail = (login: LocalLogin): Promise<string> => attemptMail(place.town.postern.smtpPort, login);
const statusOf = (login: LocalLogin) => place.statusOf(login);

const READ = "OK [CAPABILITY IMAP4rev1 IDLE LITERAL+ UIDPLUS] Logged in";
const SENT = "250 2.0.0 MAIL done";
const ONCE = "Sign in again in Postern if this lasts";
const FINAL = "The mailbox's password needs attention in Postern";

/** How often the provider has been asked with this customer's name since `since` was taken. */
function counting({ email }: LocalLogin): { since(): readonly [imap: number, smtp: number] } {
  let before = provider.logins.length;
  return {
    since() {
      const asked = provider.logins.slice(before).filter(({ user }) => user === email);
      before = provider.logins.length;
      const count = (protocol: PasswordLogin["protocol"]) =>
        asked.filter((login) => login.protocol === protocol).length;
      return [count("imap"), count("smtp")];
    },
  };
}

describe("a password that the provider refuses from one day to the next", () => {
  test("is tried again after a minute, then no more; it is kept, a person is asked, and a new one helps at once", async () => {
    const customer = await place.customer(provider);
    expect([await readMail(customer), await sendMail(customer)]).toEqual([READ, SENT]);
    provider.people.set(customer.email, "changed at the provider's");
    const watched = collectEvents(place.control);
    const asked = counting(customer);

    for (const times of [
      [1, 1],
      [0, 0],
      [0, 0],
    ]) {
      expect(await readMail(customer)).toBe(`NO [UNAVAILABLE] ${ONCE}`);
      expect(await sendMail(customer)).toBe(`450 4.7.0 ${ONCE}`);
      expect(asked.since()).toEqual(times);
    }
    const waiting = await statusOf(customer);
    expect(waiting).toMatchObject({
      kind: "offline",
      code: "sign-in-refused-once",
      detail: expect.stringContaining("NO [AUTHENTICATIONFAILED] Invalid credentials"),
    });

    place.pass(MINUTE);
    expect(await readMail(customer)).toBe(`NO [UNAVAILABLE] ${FINAL}`);
    expect(await sendMail(customer)).toBe(`450 4.7.0 ${FINAL}`);
    expect(asked.since()).toEqual([1, 1]);
    place.pass(60 * MINUTE);
    for (const _ of [1, 2]) {
      expect(await readMail(customer)).toBe(`NO [UNAVAILABLE] ${FINAL}`);
      expect(await sendMail(customer)).toBe(`450 4.7.0 ${FINAL}`);
    }
    expect(asked.since()).toEqual([0, 0]);
    expect(await statusOf(customer)).toEqual({
      kind: "needs-you",
      code: "upstream-password-refused",
      sentence: "The mail server refused the mailbox's password.",
      action: expect.stringMatching(/^Give Postern the right one: postern login EMAIL\. .*app password/),
      detail: "PLAIN: no reason given; it said NO [AUTHENTICATIONFAILED] Invalid credentials",
    });
    expect((await place.town.postern.cli("status", "--check")).exitCode).toBe(6);
    expect(await place.kept(customer)).toBe(customer.upstreamPassword);

    expect((await place.login(customer.email, "still wrong\n")).exitCode).toBe(5);
    expect(await place.kept(customer)).toBe(customer.upstreamPassword);
    expect(await readMail(customer)).toBe(`NO [UNAVAILABLE] ${FINAL}`);
    expect((await place.login(customer.email, "changed at the provider's\n")).exitCode).toBe(0);
    expect([await readMail(customer), await sendMail(customer)]).toEqual([READ, SENT]);
    expect(await statusOf(customer)).toEqual({ kind: "working", sentence: "Signed in." });
    expect(await place.kept(customer)).toBe("changed at the provider's");

    await watched.stop();
    const told = watched.events.flatMap((event) =>
      event.kind === "account" && event.account.id === customer.id ? [event.account.status.kind] : [],
    );
    expect(told.filter((kind, place_) => kind !== told[place_ - 1])).toEqual([
      ...(told[0] === "working" ? ["working"] : []),
      "offline",
      "needs-you",
      "working",
    ]);
  });

  test("and takes again a minute later was refused by mistake, and nobody is asked", async () => {
    const customer = await place.customer(provider);
    const asked = counting(customer);
    provider.people.delete(customer.email);
    expect(await readMail(customer)).toBe(`NO [UNAVAILABLE] ${ONCE}`);
    provider.people.set(customer.email, customer.upstreamPassword);
    expect(await readMail(customer)).toBe(`NO [UNAVAILABLE] ${ONCE}`);
    expect(asked.since()).toEqual([1, 0]);
    place.pass(MINUTE);
    expect(await readMail(customer)).toBe(READ);
    expect(await statusOf(customer)).toMatchObject({ kind: "working" });
    provider.people.delete(customer.email);
    expect(await readMail(customer)).toBe(`NO [UNAVAILABLE] ${ONCE}`);
  });

  test("at one of the two servers goes on opening the other", async () => {
    const customer = await place.customer(provider);
    const asked = counting(customer);
    const { behaviour } = provider.smtp;
    behaviour.accepts = false;
    try {
      expect(await sendMail(customer)).toBe(`450 4.7.0 ${ONCE}`);
      expect(await readMail(customer)).toBe(READ);
      place.pass(MINUTE);
      expect(await sendMail(customer)).toBe(`450 4.7.0 ${FINAL}`);
      expect(await readMail(customer)).toBe(READ);
      expect(asked.since()).toEqual([2, 2]);
      const status = await statusOf(customer);
      expect(status).toMatchObject({ kind: "needs-you", code: "upstream-password-refused" });
      expect(status.detail).toContain("535 5.7.8 Invalid credentials");
      const { conclusion } = await place.control.call("account.test", { email: customer.email });
      expect(conclusion).toMatch(/^The provider refuses another program too/);
    } finally {
      behaviour.accepts = true;
    }
  });

  test("is tried once for many programs at a time, and costs each of them one answer", async () => {
    const customer = await place.customer(provider);
    expect(await readMail(customer)).toBe(READ);
    const asked = counting(customer);
    provider.people.delete(customer.email);
    const answers = await Promise.all(Array.from({ length: 20 }, () => readMail(customer)));
    expect(new Set(answers)).toEqual(new Set([`NO [UNAVAILABLE] ${ONCE}`]));
    expect((await statusOf(customer)).code).toBe("sign-in-refused-once");
    expect(asked.since()).toEqual([1, 0]);
    place.pass(MINUTE);
    const later = await Promise.all(Array.from({ length: 20 }, () => readMail(customer)));
    expect(new Set(later)).toEqual(new Set([`NO [UNAVAILABLE] ${FINAL}`]));
    expect(asked.since()).toEqual([1, 0]);
  });

  test("while a person gives the new one does not speak against that", async () => {
    const customer = await place.customer(provider);
    const held = Promise.withResolvers<void>();
    provider.imap.behaviour.hold = held.promise;
    provider.people.set(customer.email, "new");
    const before = provider.logins.length;
    const reading = readMail(customer);
    await expect.poll(() => provider.logins.length).toBe(before + 1);
    provider.imap.behaviour.hold = undefined;
    expect((await place.login(customer.email, "new\n")).exitCode).toBe(0);
    held.resolve();
    expect(await reading).toBe(READ);
    expect(await statusOf(customer)).toEqual({ kind: "working", sentence: "Signed in." });
  });

  test.each([
    ["imap", "NO [UNAVAILABLE] come again", "NO [UNAVAILABLE] come again"],
    ["imap", "NO [LIMIT] Too many connections", "NO [UNAVAILABLE] Too many connections"],
    ["imap", "BAD what", "NO [UNAVAILABLE] The mail server gave an answer that Postern does not accept"],
    ["smtp", "454 4.7.0 come again", "450 4.7.0 come again"],
    ["smtp", "421 4.3.2 closing", "450 4.7.0 closing"],
  ] as const)("is not meant by %s's %j", async (protocol, refusal, told) => {
    const customer = await place.customer(provider);
    const { behaviour } = provider[protocol];
    const attempt = protocol === "imap" ? readMail : sendMail;
    behaviour.accepts = false;
    behaviour.refusal = () => refusal;
    try {
      expect(await attempt(customer)).toBe(told);
    } finally {
      behaviour.accepts = true;
      behaviour.refusal = undefined;
    }
    place.pass(6 * MINUTE);
    expect(await attempt(customer)).toBe(protocol === "imap" ? READ : SENT);
    expect((await statusOf(customer)).kind).toBe("working");
  });

  test.each([
    ["PLAIN", ["PLAIN"]],
    ["LOGIN", ["LOGIN"]],
  ])("and repeats in its refusal of %s is withheld from everybody", async (_way, mechanisms) => {
    const at = await place.provider({ mechanisms });
    const customer = await place.customer(at, `Gänsefüßchen & ${"secret words ".repeat(4)}"quoted\\"`);
    const wrong = { user: customer.email, password: "a guess of thirty-odd characters" };
    const right = { user: customer.email, password: customer.upstreamPassword };
    const repeat = ({ user, password }: Pick<PasswordLogin, "user" | "password">): string =>
      [
        `no ${user} with ${password}`,
        Buffer.from(`\0${user}\0${password}`).toString("base64"),
        Buffer.from(password).toString("base64"),
      ].join(" or ");
    Object.assign(at.imap.behaviour, {
      accepts: false,
      refusal: (login: PasswordLogin) => `NO [AUTHENTICATIONFAILED] ${repeat(login)}`,
    });
    Object.assign(at.smtp.behaviour, {
      accepts: false,
      refusal: (login: PasswordLogin) => `535-5.7.8 ${repeat(login)}\r\n535 5.7.8 ${login.password}`,
    });
    const watched = collectEvents(place.control);
    const { postern } = place.town;
    const said: string[] = [];
    const login = await place.login(customer.email, `${wrong.password}\n`);
    for (const minutes of [0, 1]) {
      place.pass(minutes * MINUTE);
      said.push(await readMail(customer), await sendMail(customer));
      for (const words of [["status"], ["account", "test", customer.email]]) {
        const { stdout, stderr } = await postern.cli(...words);
        said.push(stdout, stderr);
      }
    }
    await watched.stop();
    const places = new Map<string, string | Buffer>([
      ...(await filesBelow(postern.folder)),
      ["login", login.stdout + login.stderr],
      ["answers", said.join("\n")],
      ["log", postern.log()],
      ["events", watched.events.map((event) => JSON.stringify(event)).join("\n")],
    ]);
    for (const where of ["login", "answers", "log", "events"]) {
      expect(String(places.get(where))).toContain("[withheld]");
    }
    expect(tracesIn(places, wrong, right)).toEqual([]);
    expect(String([...places.values()].join("\n"))).not.toMatch(/guess of|nsef|chen &|secret words|quoted/);
  });
});

describe("a password that is kept", () => {
  test("is not taken to another host than the one that a person signed in at (G1)", async () => {
    const customer = await place.customer(provider);
    const elsewhere = await place.provider({ people: { [customer.email]: customer.upstreamPassword } });
    const { town } = place;
    await town.postern.stop();
    const file = join(town.postern.home, "config.json");
    const config = JSON.parse(await readFile(file, "utf8"));
    const account = config.accounts.find(({ id }: { id: string }) => id === customer.id);
    Object.assign(account, { imap: elsewhere.settings("").imap, smtp: elsewhere.settings("").smtp });
    await writeFile(file, JSON.stringify(config));

    const postern = await startPostern({ authority: town.authority, folder: town.postern.folder });
    try {
      const told = "The account's servers have changed; see Postern";
      expect(await attemptLogin(postern.imapPort, customer)).toBe(`NO [UNAVAILABLE] ${told}`);
      expect(await attemptMail(postern.smtpPort, customer)).toBe(`450 4.3.5 ${told}`);
      const shown = (await postern.cli("account", "show", customer.email)).stdout;
      expect(shown).toContain(
        `Now it names:  localhost:${elsewhere.imap.port}, localhost:${elsewhere.smtp.port}`,
      );
      expect((await postern.cli("account", "test", customer.email)).exitCode).toBe(6);
      // Whoever changed the file hopes for this one.
      const login = await place.login(customer.email, customer.upstreamPassword);
      expect(login).toMatchObject({ exitCode: 78, stderr: expect.stringContaining("postern account trust") });
      expect([...elsewhere.imap.connections, ...elsewhere.smtp.connections]).toEqual([]);

      expect((await postern.cli("account", "trust", customer.email, "--yes")).exitCode).toBe(0);
      expect(await attemptLogin(postern.imapPort, customer)).toBe(READ);
      expect(await attemptMail(postern.smtpPort, customer)).toBe(SENT);
      expect(elsewhere.logins.map(({ password }) => password)).toEqual(
        Array(2).fill(customer.upstreamPassword),
      );

      // A keychain that cannot be read is not a password that is gone.
      const again = await (async () => {
        await rename(join(postern.folder, "key"), join(postern.folder, "key away"));
        return postern.restart();
      })();
      try {
        expect(await attemptLogin(again.imapPort, customer)).toBe(
          "NO [UNAVAILABLE] The keychain needs attention in Postern",
        );
        expect(await attemptMail(again.smtpPort, customer)).toBe(
          "450 4.4.1 The keychain needs attention in Postern",
        );
        await rename(join(postern.folder, "key away"), join(postern.folder, "key"));
        expect(await attemptLogin(again.imapPort, customer)).toBe(READ);
      } finally {
        await again.stop();
      }
    } finally {
      await postern.stop();
    }
  });
});
