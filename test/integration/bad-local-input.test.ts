// Wrong passwords, and credentials in a form that cannot be read: nothing of it reaches the provider, nothing of it hurts
// anybody else, and nothing secret is ever written down.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BesiegedTown, base64, greeted, startBesiegedTown } from "../support/besieged-town.ts";
import { logInToImap, logInToSmtp, plain, sendImap, sendSmtp } from "../support/raw-client.ts";
import { eventually } from "../support/town.ts";

const WRONG_IMAP = "NO [AUTHENTICATIONFAILED] Use the password shown in Postern";
const WRONG_SMTP = "535 5.7.8 Use the password shown in Postern";

let besieged: BesiegedTown;

beforeAll(async () => {
  besieged = await startBesiegedTown();
  // The first EHLO makes Postern ask the provider what it offers, and note that down.
  const client = await besieged.greetedSmtp();
  await sendSmtp(client, `AUTH PLAIN ${plain(besieged.bob)}`);
  await sendSmtp(client, "QUIT");
  // The copy is written after the file itself, and then everything is at rest.
  const { home } = besieged.town.postern;
  const copy = join(home, "state.json.last-good");
  await eventually(async () => {
    const names = await readdir(home);
    return (
      !names.some((name) => name.endsWith(".tmp")) && (await readFile(copy, "utf8")).includes("SIZE 10000000")
    );
  });
});

afterAll(async () => {
  await besieged.town.close();
});

describe("a wrong local password", () => {
  test("changes nothing, however often it comes, and the right one works in the same second", async () => {
    // Answers to one user name's failures wait in line, a second each; so that this does not last, four of them.
    const residents = [
      besieged.bob,
      await besieged.town.resident(),
      await besieged.town.resident(),
      await besieged.town.resident(),
    ];
    const before = await besieged.filesOfHome();
    const [requests, upstream] = [
      besieged.town.authorizationServer.requests.length,
      besieged.upstreamConnections(),
    ];
    const replies = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const client = await (index % 2 === 0 ? besieged.imap() : besieged.smtp());
        const login = { email: residents[index % 4]?.email ?? "", password: `wrong${index}` };
        const reply = await (index % 2 === 0 ? logInToImap(client, login) : logInToSmtp(client, login));
        client.socket.destroy();
        return reply;
      }).concat(besieged.expectServed().then(() => "served")),
    );
    expect(new Set(replies)).toEqual(new Set([WRONG_IMAP, WRONG_SMTP, "served"]));
    expect(besieged.upstreamConnections()).toBe(upstream + 1);
    expect(besieged.town.authorizationServer.requests).toHaveLength(requests);
    expect(await besieged.filesOfHome()).toEqual(before);
  });

  test("a hundred of them leave the token store byte-identical and ask the provider for nothing", async () => {
    // Somebody whom nobody else needs: the next answers to this name's failures come late.
    const { email } = await besieged.town.resident();
    const refused = (): number =>
      besieged.town.postern.log().split("wrong user name or local password").length - 1;
    const before = { files: await besieged.filesOfHome(), refused: refused() };
    const [requests, upstream] = [
      besieged.town.authorizationServer.requests.length,
      besieged.upstreamConnections(),
    ];
    const clients = await Promise.all(Array.from({ length: 100 }, () => greeted(besieged.imap())));
    // Their answers are slow on purpose; that they were judged is in the log at once.
    for (const [index, client] of clients.entries()) client.write(`a LOGIN ${email} wrong${index}\r\n`);
    await eventually(() => refused() === before.refused + clients.length);
    expect(await besieged.filesOfHome()).toEqual(before.files);
    expect(besieged.town.authorizationServer.requests).toHaveLength(requests);
    expect(besieged.upstreamConnections()).toBe(upstream);
    await besieged.expectServed();
    for (const client of clients) client.socket.destroy();
  });

  test("and an unknown user get the same answer after the same time", async () => {
    const measure = async (email: string): Promise<number> => {
      const client = await greeted(besieged.imap());
      const asked = performance.now();
      expect(await sendImap(client, `LOGIN ${email} guess`)).toBe(WRONG_IMAP);
      client.socket.destroy();
      return performance.now() - asked;
    };
    // Each of them for the first time, since a second failure costs more.
    const emails: string[] = [];
    for (let count = 0; count < 5; count++) emails.push((await besieged.town.resident()).email);
    const known = await Promise.all(emails.map(measure));
    const unknown = await Promise.all(emails.map((email) => measure(`nobody.${email}`)));
    const median = (times: number[]): number => times.sort((left, right) => left - right)[2] ?? 0;
    // The first failure of a person's action costs a second, whoever they say they are.
    expect(median(known)).toBeGreaterThan(990);
    expect(Math.abs(median(known) - median(unknown))).toBeLessThan(300);
  });

  test("three times on one connection ends it", async () => {
    const [client, other] = [await greeted(besieged.imap()), await besieged.greetedSmtp()];
    const wrong = { email: "other.stranger@example.test", password: "x" };
    client.write("1 LOGIN stranger@example.test x\r\n2 LOGIN stranger@example.test x\r\n");
    client.write("3 LOGIN stranger@example.test x\r\n4 NOOP\r\n");
    other.write(
      `AUTH PLAIN ${plain(wrong)}\r\nAUTH PLAIN ${plain(wrong)}\r\nAUTH PLAIN ${plain(wrong)}\r\nNOOP\r\n`,
    );
    const [ofImap, ofSmtp] = await Promise.all([client.readToEnd(), other.readToEnd()]);
    expect(ofImap.toString().split("\r\n").slice(1)).toEqual([
      `1 ${WRONG_IMAP}`,
      `2 ${WRONG_IMAP}`,
      `3 ${WRONG_IMAP}`,
      expect.stringMatching(/^\* BYE /),
      "",
    ]);
    expect(ofSmtp.toString().split("\r\n").slice(-5)).toEqual([
      WRONG_SMTP,
      WRONG_SMTP,
      WRONG_SMTP,
      expect.stringMatching(/^421 4\.7\.0 /),
      "",
    ]);
  });

  test("user names that are not what they seem to be open nothing (F2)", async () => {
    const upstream = besieged.upstreamConnections();
    const names = [
      `${besieged.bob.email}\x01auth=Bearer evil\x01\x01`,
      `\x01${besieged.bob.email}`,
      `${besieged.bob.email}\0`,
      `${besieged.bob.email}\r\nx`,
      `${besieged.bob.email}x`,
      `x${besieged.bob.email}`,
      besieged.bob.email.replace("@", "\u200b@"),
      "",
      "é".repeat(400),
    ];
    const replies = await Promise.all(
      names.flatMap((name) => [
        (async () => {
          const client = await greeted(besieged.imap());
          const [size, password] = [Buffer.byteLength(name), besieged.bob.password];
          client.write(`1 LOGIN {${size}+}\r\n${name} ${password}\r\n`);
          const reply = await client.readLine();
          client.socket.destroy();
          return reply;
        })(),
        (async () => {
          const client = await greeted(besieged.imap());
          const reply = await sendImap(
            client,
            `AUTHENTICATE PLAIN ${base64(`\0${name}\0${besieged.bob.password}`)}`,
          );
          client.socket.destroy();
          return reply;
        })(),
      ]),
    );
    for (const reply of replies) expect(reply).toMatch(/^(?:1 )?(?:NO \[AUTHENTICATIONFAILED\]|BAD) /);
    expect(besieged.upstreamConnections()).toBe(upstream);
  });

  test("the address may be written in another case; the password may not", async () => {
    const [client, other] = [await besieged.imap(), await besieged.imap()];
    const loud = besieged.bob.email.toUpperCase();
    expect(await logInToImap(client, { email: loud, password: besieged.bob.password })).toMatch(/^OK /);
    // Upstream it is the configured address, whatever was typed.
    expect(besieged.town.logins.at(-1)?.user).toBe(besieged.bob.email);
    const shouted = { email: besieged.bob.email, password: besieged.bob.password.toUpperCase() };
    expect(await logInToImap(other, shouted)).toBe(WRONG_IMAP);
    for (const { socket } of [client, other]) socket.destroy();
  });
});

describe("credentials in a form that cannot be read", () => {
  const malformed = ["!!!!", "AGFsaWNl!!AHB3*", "AGI=AGI=", "AGE", "AGFiYw==\tx"];

  test("bad base64 is BAD, the connection stays, and fifty logins beside it get in (F4)", async () => {
    const good = Array.from({ length: 50 }, async () => {
      const client = await besieged.imap();
      const reply = await logInToImap(client, besieged.bob);
      client.socket.destroy();
      return reply.slice(0, 3);
    });
    const bad = malformed.flatMap((text) => [
      (async () => {
        const client = await greeted(besieged.imap());
        expect(await sendImap(client, `AUTHENTICATE PLAIN ${text}`)).toMatch(/^BAD /);
        client.write("b AUTHENTICATE PLAIN\r\n");
        // The space is part of it (RFC 9051 §9).
        expect(await client.readLine()).toBe("+ ");
        client.write(`${text}\r\n`);
        expect(await client.readLine()).toMatch(/^b BAD /);
        expect(await sendImap(client, "NOOP")).toMatch(/^OK /);
        client.socket.destroy();
      })(),
    ]);
    await Promise.all(bad);
    expect(new Set(await Promise.all(good))).toEqual(new Set(["OK "]));
  });

  test("bad base64 is 501 5.5.2 in SMTP, and the connection stays", async () => {
    for (const text of malformed) {
      const client = await besieged.greetedSmtp();
      expect(await sendSmtp(client, `AUTH PLAIN ${text}`)).toMatch(/^501 5\.5\.2 /);
      client.write("AUTH LOGIN\r\n");
      expect(await client.readLine()).toBe("334 VXNlcm5hbWU6");
      expect(await sendSmtp(client, text)).toMatch(/^501 5\.5\.2 /);
      expect(await sendSmtp(client, `AUTH PLAIN ${plain(besieged.bob)}`)).toMatch(/^235 /);
      client.socket.destroy();
    }
  });

  test("cancelled, unknown and impersonating exchanges each have their answer", async () => {
    const client = await greeted(besieged.imap());
    client.write("a AUTHENTICATE PLAIN\r\n*\r\n");
    expect(await client.readUntil(/\na .*\r\n/)).toMatch(/\na BAD AUTHENTICATE cancelled\r\n/);
    expect(await sendImap(client, "AUTHENTICATE GSSAPI")).toMatch(/^NO \[CANNOT\] /);
    const forOther = base64(`victim@example.test\0${besieged.bob.email}\0${besieged.bob.password}`);
    expect(await sendImap(client, `AUTHENTICATE PLAIN ${forOther}`)).toMatch(/^NO \[AUTHORIZATIONFAILED\] /);
    client.socket.destroy();

    const other = await besieged.greetedSmtp();
    other.write("AUTH PLAIN\r\n*\r\n");
    expect(await other.readUntil(/\n5.*\r\n/)).toBe("334 \r\n501 5.7.0 Authentication cancelled\r\n");
    expect(await sendSmtp(other, "AUTH GSSAPI")).toMatch(/^504 5\.5\.4 /);
    expect(await sendSmtp(other, `AUTH PLAIN ${forOther}`)).toMatch(/^(?:535 5\.7\.8|421) /);
    other.socket.destroy();
  });

  test("LOGIN with too few, too many or half-quoted words is BAD", async () => {
    for (const words of [
      besieged.bob.email,
      `${besieged.bob.email} a b`,
      `"${besieged.bob.email} ${besieged.bob.password}`,
      `${besieged.bob.email} "\\x"`,
      "",
    ]) {
      const client = await greeted(besieged.imap());
      expect(await sendImap(client, `LOGIN ${words}`)).toMatch(/^BAD /);
      client.socket.destroy();
    }
  });

  test("a command without a usable tag is answered with an untagged BAD that echoes nothing (C5)", async () => {
    for (const line of ["* LOGIN a b", "+ NOOP", "", "(a) NOOP", "<script>alert(1)</script>"]) {
      const client = await greeted(besieged.imap());
      client.write(`${line}\r\n`);
      const reply = await client.readLine();
      expect(reply).toMatch(/ BAD /);
      expect(reply).not.toContain("alert");
      client.socket.destroy();
    }
  });
});

describe("nothing secret is written down", () => {
  test("neither log nor home has a password, a token or a SASL message in clear, after all of this", async () => {
    await besieged.expectNothingSecretWritten();
  });

  test("every line of the log is one JSON object, whatever was sent (F9)", () => {
    expect(besieged.town.postern.log().trimEnd().split("\n").length).toBeGreaterThan(20);
    besieged.expectOrderlyLog();
  });
});
