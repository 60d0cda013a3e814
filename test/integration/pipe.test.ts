// The pipe that a login has become: nobody looks at what passes, nothing is added, and how a connection ends at one end is
// how it ends at the other (threats.md E6, F6; faults.md 20, 21).
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AWKWARD, MEGABYTE, type Pipes, readAll, sha256, startPipes } from "../support/pipes.ts";
import { everythingRead, sendSmtp } from "../support/raw-client.ts";
import { PeerGone } from "../support/scripted-server.ts";
import { eventually } from "../support/town.ts";

let pipes: Pipes;

beforeAll(async () => {
  pipes = await startPipes();
});

afterAll(async () => {
  await pipes.close();
});

describe("nobody looks at what passes", () => {
  const contents: [string, Buffer][] = [
    ["every octet value, and all that has ever smuggled a message (E6)", AWKWARD],
    ["a line of a megabyte", Buffer.concat([Buffer.alloc(MEGABYTE, "x"), Buffer.from("\r\n")])],
    ["a megabyte without a line's end", Buffer.alloc(MEGABYTE, 0)],
    ["a megabyte of line ends", Buffer.alloc(MEGABYTE, "\n")],
  ];
  for (const [name, octets] of contents) {
    for (const protocol of ["imap", "smtp"] as const) {
      test(`${name}: identical to the server and back, over ${protocol.toUpperCase()}`, async () => {
        const login = await pipes.residentAt(protocol, async (connection) => {
          for await (const chunk of connection.chunks()) await connection.write(chunk);
        });
        const client = await pipes.loggedIn(protocol, login);
        const start = client.transcript().length;
        client.write(octets);
        client.end();
        const echoed = (await client.readToEnd()).subarray(start);
        expect(sha256(echoed)).toBe(sha256(octets));
        client.socket.destroy();
      });
    }
  }

  test("one MAIL stays one MAIL, whatever stands in the message (E6)", async () => {
    const { login, endings } = await pipes.residentAtSink("smtp");
    const client = await pipes.loggedIn("smtp", login);
    const transaction = Buffer.concat([
      Buffer.from("MAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n"),
      AWKWARD,
      Buffer.from("\r\n.\r\n"),
    ]);
    client.write(transaction);
    client.end();
    await client.closed();
    expect(endings[0]?.equals(transaction)).toBe(true);
    client.socket.destroy();
  });

  test("each of two accounts always gets its own mailbox with its own token (F6)", async () => {
    const [first, second] = [await pipes.town.resident(), await pipes.town.resident()];
    const from = pipes.town.logins.length;
    await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const protocol = index % 4 < 2 ? "imap" : "smtp";
        const client = await pipes.loggedIn(protocol, index % 2 === 0 ? first : second);
        // 235 comes before the login upstream; the answer to this comes from there.
        if (protocol === "smtp") expect(await sendSmtp(client, "NOOP")).toBe("250 2.0.0 NOOP done");
        client.socket.destroy();
      }),
    );
    const owners = new Map<string, string>();
    for (const { user, accessToken } of pipes.town.logins.slice(from)) {
      owners.set(accessToken, owners.get(accessToken) ?? user);
      expect(owners.get(accessToken)).toBe(user);
    }
    expect(pipes.town.logins).toHaveLength(from + 100);
    for (const [accessToken, user] of owners)
      expect(await pipes.town.authorizationServer.checkToken(accessToken)).toBe(user);
  });
});

describe("how a connection ends at one end is how it ends at the other", () => {
  for (const protocol of ["imap", "smtp"] as const) {
    test(`a mail program that has said all it wants to say still hears the server out (${protocol})`, async () => {
      const login = await pipes.residentAt(protocol, async (connection) => {
        const said = await readAll(connection);
        connection.end(`you said ${said.length} octets\r\n`);
      });
      const client = await pipes.loggedIn(protocol, login);
      client.write("x".repeat(1000));
      client.end();
      expect(await client.readLine()).toBe("you said 1000 octets");
      expect(await client.closed()).toBe("fin");
    });

    test(`a server that has said all it wants to say still hears the mail program out (${protocol})`, async () => {
      const heard = Promise.withResolvers<string>();
      const login = await pipes.residentAt(protocol, async (connection) => {
        connection.end("that is all\r\n");
        heard.resolve((await readAll(connection)).toString());
      });
      const client = await pipes.loggedIn(protocol, login);
      expect(await client.readLine()).toBe("that is all");
      expect(await client.closed()).toBe("fin");
      client.write("not for me");
      client.end();
      expect(await heard.promise).toBe("not for me");
    });

    test(`a server that resets the connection in the middle of a message: a reset, and no reply of ours (${protocol})`, async () => {
      const login = await pipes.residentAt(protocol, async (connection) => {
        await connection.readLine();
        await connection.write("354 go on, or {100}\r\n0123456789");
        await connection.readOctets(100_000);
        connection.reset();
      });
      const client = await pipes.loggedIn(protocol, login);
      const start = client.transcript().length;
      client.write(`DATA\r\n${"y".repeat(200_000)}`);
      expect(await client.closed()).toBe("reset");
      expect("354 go on, or {100}\r\n0123456789".startsWith(client.transcript().slice(start))).toBe(true);
      await eventually(
        async () => (await pipes.town.postern.json("account", "show", login.email)).sessions === 0,
      );
    });

    test(`a mail program that resets the connection in the middle of a message: the server sees it end at once (${protocol})`, async () => {
      const ended = Promise.withResolvers<Buffer>();
      const login = await pipes.residentAt(protocol, async (connection) => {
        try {
          ended.resolve(await readAll(connection));
        } catch (thrown) {
          if (!(thrown instanceof PeerGone)) throw thrown;
        }
      });
      const client = await pipes.loggedIn(protocol, login);
      client.write("DATA\r\nhalf a mess");
      await everythingRead(client);
      client.reset();
      const received = (await ended.promise).toString();
      expect("DATA\r\nhalf a mess".startsWith(received)).toBe(true);
      await eventually(
        async () => (await pipes.town.postern.json("account", "show", login.email)).sessions === 0,
      );
    });
  }

  test("the answer to the end of a message that never comes is not made up", async () => {
    const login = await pipes.residentAt("smtp", async (connection) => {
      while ((await connection.readLine()) !== ".");
      connection.reset();
    });
    const client = await pipes.loggedIn("smtp", login);
    const start = client.transcript().length;
    client.write("DATA\r\nSubject: x\r\n\r\nhello\r\n.\r\n");
    await client.closed();
    expect(client.transcript().slice(start)).toBe("");
  });
});
