// What a person is told of a mail program that does not get in: which setting is wrong; and what the program itself is told.
import { once } from "node:events";
import { connect as connectTls } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { logInToImap, logInToSmtp, sendSmtp } from "../../support/raw-client.ts";
import { type ProxyRig, startProxyRig } from "./proxy-rig.ts";

const open: ProxyRig[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function start(): Promise<ProxyRig> {
  const rig = await startProxyRig();
  open.push(rig);
  return rig;
}

describe("another protocol", () => {
  test.each([
    [
      "imap",
      "EHLO scanner.local",
      "SMTP was spoken to the IMAP port",
      /^\* BYE This is the IMAP port, and that was SMTP/,
    ],
    [
      "imap",
      "USER alice@example.com",
      "POP3 was spoken to the IMAP port",
      /^\* BYE This is the IMAP port, and that was POP3/,
    ],
    [
      "smtp",
      "a1 CAPABILITY",
      "IMAP was spoken to the SMTP port",
      /^421 4\.7\.0 This is the SMTP port, and that was IMAP/,
    ],
    ["smtp", "GET / HTTP/1.1", "HTTP was spoken to the SMTP port", /^421 4\.7\.0 This is a mail server/],
  ] as const)("on the %s port (%s) is told to both", async (protocol, line, detail, answer) => {
    const rig = await start();
    const client = await rig.connect(protocol);
    await client.readLine();
    client.write(`${line}\r\n`);
    expect(await client.readLine()).toMatch(answer);
    expect(await client.closed()).toBe("fin");
    client.end();
    const { error } = await rig.event("wrong-protocol");
    expect([error.code, error.detail]).toEqual(["other-protocol", detail]);
    await rig.event("ended");
  });

  test.each(["imap", "smtp"] as const)(
    "TLS on the plain %s port is seen without waiting for a line",
    async (protocol) => {
      const rig = await start();
      const client = await rig.connect(protocol);
      // As OpenSSL begins, without an octet that looks like the end of a line.
      client.write(Buffer.from("16030100c8010000c40303", "hex"));
      const { error } = await rig.event("wrong-protocol");
      expect([error.code, error.detail]).toEqual([
        "tls-on-plain-port",
        `TLS was begun on the ${protocol.toUpperCase()} port`,
      ]);
      expect(error.action).toMatch(/no encryption/);
      client.end();
    },
  );

  test("a real TLS program is told apart too, whoever speaks first", async () => {
    const rig = await start();
    const secure = connectTls({
      host: "127.0.0.1",
      port: rig.proxy.port("imap") ?? 0,
      rejectUnauthorized: false,
    });
    await once(secure, "error");
    expect((await rig.event("wrong-protocol")).error.code).toBe("tls-on-plain-port");
  });

  test("STARTTLS is not offered, and whoever asks for it is answered as before", async () => {
    const rig = await start();
    const client = await rig.connect("smtp");
    await client.readLine();
    expect(await sendSmtp(client, "STARTTLS")).toBe("500 5.5.2 Command not recognised");
    const { error } = await rig.event("wrong-protocol");
    expect([error.code, error.detail]).toEqual([
      "tls-on-plain-port",
      "STARTTLS was asked for on the SMTP port",
    ]);
    expect(await sendSmtp(client, "NOOP")).toMatch(/^250 /);
  });
});

const refusals = ({ events }: ProxyRig) => events.filter(({ kind }) => kind === "login-refused");

describe("a refused login", () => {
  test("with an unknown name names it, and with a wrong password its account; the program is told the same", async () => {
    const rig = await start();
    const answers: string[] = [];
    for (const [email, password] of [
      ["alise@example.com", "local-secret"],
      [rig.account.email, "wrong"],
    ] as const) {
      const answer = logInToImap(await rig.connect("imap"), { email, password });
      await expect.poll(() => refusals(rig).length).toBe(answers.length + 1);
      await rig.clock.advance(0);
      answers.push(await answer);
    }
    expect(answers[0]).toBe(answers[1]);
    expect(answers[0]).toMatch(/AUTHENTICATIONFAILED/);
    expect(refusals(rig)).toMatchObject([
      { error: { code: "local-user-unknown" }, userName: "alise@example.com", account: undefined },
      { error: { code: "wrong-local-password" }, userName: undefined, account: { email: rig.account.email } },
    ]);
  });

  test("shows a user name in one printable line of a hundred characters", async () => {
    const rig = await start();
    const email = `\u001b[31m${"x".repeat(200)}`;
    void logInToSmtp(await rig.connect("smtp"), { email, password: "x" }).catch(() => {});
    const { userName } = await rig.event("login-refused");
    expect(userName).toMatch(/^\[31mx+…$/);
    expect(userName).toHaveLength(100);
  });
});

describe("a mail program's own name", () => {
  test("comes from ID, before the login or after it, and not again", async () => {
    const rig = await start();
    const client = await rig.connect("imap");
    await client.readLine();
    client.write('a ID ("name" "Thunderbird" "version" "128.0")\r\n');
    expect((await rig.event("named-itself")).program).toBe("Thunderbird 128.0");

    const late = await rig.loggedIn("imap");
    late.write('b ID ("name" "Mail" "version" "16.0")\r\n');
    await expect
      .poll(() => rig.events.flatMap((event) => (event.kind === "named-itself" ? [event.program] : [])))
      .toEqual(["Thunderbird 128.0", "Mail 16.0"]);
  });

  test("comes from EHLO, where that is no address", async () => {
    const rig = await start();
    const client = await rig.connect("smtp");
    await client.readLine();
    await sendSmtp(client, "EHLO [127.0.0.1]");
    await sendSmtp(client, "EHLO scanner-2.local");
    expect((await rig.event("named-itself")).program).toBe("scanner-2.local");
  });
});
