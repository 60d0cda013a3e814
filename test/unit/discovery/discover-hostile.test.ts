// What DNS, mail servers and web servers may say to lead discovery astray, to keep it busy, or to get something out of it.
import { describe, expect, test } from "vitest";
import { createFakeClock } from "../../support/fake-clock.ts";
import type { Script } from "../../support/scripted-server.ts";
import { greetOnly, smtpUpstream } from "../../support/scripted-upstream.ts";
import { DocumentAnswer } from "../../support/small-internet.ts";
import { ISSUER, metadataOf, naming, OPENID_PATH, prepareWorlds, refusingImap } from "./discovery-rig.ts";

const createWorld = prepareWorlds();
const IMAPS = "_imaps._tcp.example.test";
const RESOURCE = "https://imap.example.test/.well-known/oauth-protected-resource";
const METADATA = `${ISSUER}${OPENID_PATH}`;

describe("DNS", () => {
  test("cannot send us to an address", async () => {
    const world = await createWorld();
    const records = [
      { target: "127.0.0.1", port: 993 },
      { target: "127.1", port: 993 },
      { target: "2130706433", port: 993 },
    ];
    const found = await world.discover({}, { services: { [IMAPS]: records } });
    expect(found.imap).toBeUndefined();
    expect(found.trail).toContain(`SRV ${IMAPS} → none`);
    expect(world.internet.asked.filter((place) => /^[\d.]+:/.test(place))).toEqual([]);
  });

  test("that answers with 4,000 octets of garbage is as good as none", async () => {
    const world = await createWorld();
    await world.putMailServers();
    const found = await world.discover({}, { answerTo: () => Buffer.alloc(4000, 0xc0) });
    expect(found.imap?.host).toBe("imap.example.test");
    expect(found.trail).toContain(`SRV ${IMAPS}: DNS does not answer (EBADRESP)`);
  });

  test("that names 500 servers makes us ask four", async () => {
    const world = await createWorld();
    const records = Array.from({ length: 500 }, (_, index) => ({
      target: `host${index}.example.test`,
      port: 993,
    }));
    const found = await world.discover({}, { services: { [IMAPS]: records } });
    expect(found.imap).toBeUndefined();
    expect(world.internet.asked.filter((place) => place.startsWith("host"))).toHaveLength(4);
    expect(found.trail.length).toBeLessThan(30);
  });

  test("that is silent is not waited for beyond five seconds", async () => {
    const world = await createWorld();
    await world.putMailServers();
    const clock = createFakeClock();
    const asked = { MX: Promise.withResolvers<void>(), SRV: Promise.withResolvers<void>() };
    const services = new Set<string>();
    const discovering = world.discover(
      {},
      {
        answerTo: (name) => {
          if (name.startsWith("_")) services.add(name);
          else asked.MX.resolve();
          if (services.size === 4) asked.SRV.resolve();
          return "silence";
        },
      },
      clock,
    );
    await asked.MX.promise;
    await clock.advance(5000);
    await asked.SRV.promise;
    await clock.advance(5000);
    const found = await discovering;
    expect(found.imap?.host).toBe("imap.example.test");
    expect(found.trail).toContain("MX example.test: DNS does not answer (ETIMEOUT)");
    expect(found.trail).toContain(`SRV ${IMAPS}: DNS does not answer (ETIMEOUT)`);
  });
});

describe("a host", () => {
  test("with a certificate for another name is no mail server", async () => {
    const world = await createWorld();
    await world.putServer("imap.example.test:993", refusingImap(), { certificateFor: "evil.example" });
    const found = await world.discover();
    expect(found.imap).toBeUndefined();
    expect(found.trail).toContain(
      "imap.example.test:993: The secure connection to the mail server failed. (ERR_TLS_CERT_ALTNAME_INVALID)",
    );
    expect(world.received()).toBe("");
  });

  test("that DNS names cannot make up for it by a certificate for the address's domain", async () => {
    const world = await createWorld();
    await world.putServer("evil.example:993", refusingImap(), { certificateFor: "example.test" });
    const found = await world.discover(
      {},
      { services: { [IMAPS]: [{ target: "evil.example", port: 993 }] } },
    );
    expect(found.imap).toBeUndefined();
  });

  test.each<[string, Script]>([
    ["speaks SMTP", smtpUpstream()],
    ["speaks HTTP", greetOnly("HTTP/1.1 400 Bad Request\r\n\r\n")],
    ["lets everybody in", greetOnly("* PREAUTH hello\r\n")],
    ["says goodbye", greetOnly("* BYE not now\r\n")],
    ["greets without end", (connection) => flood(connection, "* OK ".padEnd(65_536, "x"))],
    ["says lines without end", (connection) => flood(connection, "* OK hello\r\n* NO and so on\r\n")],
  ])("that %s is no IMAP server", async (_what, script) => {
    const world = await createWorld();
    await world.putServer("imap.example.test:993", script);
    const found = await world.discover();
    expect(found.imap).toBeUndefined();
    expect(found.trail.some((step) => step.startsWith("imap.example.test:993: "))).toBe(true);
  });

  test("that says nothing is left after eight seconds, with the connection closed", async () => {
    const world = await createWorld();
    const clock = createFakeClock();
    const server = await world.putServer("imap.example.test:993", greetOnly(""));
    const discovering = world.discover({}, {}, clock);
    await server.connected(1);
    await clock.advance(8000);
    const [connection] = server.connections;
    await connection?.closed;
    // The rest of the way is in real time: nothing else is there to wait for.
    expect((await discovering).trail).toContain(
      "imap.example.test:993: The mail server did not answer in time. (not within 8 seconds)",
    );
  });

  test("cannot draw on the terminal", async () => {
    const world = await createWorld();
    await world.putServer("imap.example.test:993", greetOnly("\x1b[31m* OK \x9b31m\u202e\r\n"));
    const { trail } = await world.discover();
    expect(trail.join("")).toContain("its greeting is not IMAP");
    expect(trail.join("")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

describe("a failed login", () => {
  test.each([
    ["by http", `http://login.example.test${OPENID_PATH}`],
    ["with a user in its address", `https://login.example.test@evil.example${OPENID_PATH}`],
    ["by a file", "file:///etc/passwd"],
    ["somewhere that is no metadata's address", `${ISSUER}/metadata.json`],
    ["with a command in its address", `${ISSUER}/$(id)${OPENID_PATH}`],
  ])("that names an authorization server %s names none", async (_how, url) => {
    const world = await createWorld();
    await world.putMailServers(naming(url));
    const { requests } = await world.publish({ [METADATA]: metadataOf(ISSUER) });
    const found = await world.discover();
    expect(found.issuer).toBeUndefined();
    expect(requests).toEqual([]);
    expect(found.trail.join("\n")).toContain("names no authorization server");
  });

  test("that names the sign-in of a provider that it does not belong to names none: it would get that one's tokens", async () => {
    const world = await createWorld();
    await world.putMailServers(
      naming(`https://accounts.google.com${OPENID_PATH}`, "https://mail.google.com/"),
    );
    const { requests } = await world.publish({
      [`https://accounts.google.com${OPENID_PATH}`]: metadataOf("https://accounts.google.com"),
    });
    const found = await world.discover();
    expect(found.issuer).toBeUndefined();
    expect(requests).toEqual([]);
    expect(found.trail.join("\n")).toContain("https://accounts.google.com is Gmail and Google Workspace's");
  });

  test("that has challenges without end is given up", async () => {
    const world = await createWorld();
    await world.putServer("imap.example.test:993", async (connection) => {
      await connection.write("* OK scripted\r\n");
      for (;;) {
        const [tag = "", verb = ""] = (await connection.readLine()).split(" ");
        if (verb === "AUTHENTICATE") await flood(connection, "+ e30=\r\n");
        await connection.write(`* CAPABILITY IMAP4rev1 AUTH=OAUTHBEARER\r\n${tag} OK done\r\n`);
      }
    });
    const found = await world.discover();
    expect(found).toMatchObject({ imap: { host: "imap.example.test" }, issuer: undefined });
    expect(found.trail.join("\n")).toContain("too many continuation requests");
  });
});

describe("an authorization server's metadata", () => {
  test.each<[string, unknown, string]>([
    ["names another issuer", metadataOf("https://accounts.evil.example"), "does not publish usable"],
    ["names no issuer", { ...metadataOf(ISSUER), issuer: undefined }, "does not publish usable"],
    [
      "has a token endpoint without TLS",
      metadataOf(ISSUER, { token_endpoint: "http://login.example.test/token" }),
      "is not an https address",
    ],
    [
      "registers programs without TLS",
      metadataOf(ISSUER, { registration_endpoint: "http://login.example.test/register" }),
      "is not an https address",
    ],
    ["has no endpoints", { issuer: ISSUER }, "it names no endpoints"],
    ["is no JSON", new DocumentAnswer(200, "<html>", { "content-type": "application/json" }), ISSUER],
    ["is 2 MB long", metadataOf(ISSUER, { filler: "x".repeat(2_000_000) }), "the answer is too large"],
    ["is somewhere else", new DocumentAnswer(302, "", { location: "https://evil.example/" }), "status 302"],
  ])("is not used when it %s", async (_what, document, words) => {
    const world = await createWorld();
    await world.putMailServers(naming(METADATA));
    await world.publish({ [METADATA]: document });
    const found = await world.discover();
    expect(found).toMatchObject({ issuer: undefined, scope: undefined, registersClients: false });
    expect(found.trail.filter((step) => step.startsWith(`${ISSUER}: `)).join("\n")).toContain(words);
    expect(world.internet.asked).not.toContain("evil.example:443");
  });

  test("has lists that are none, and nothing breaks", async () => {
    const world = await createWorld();
    await world.putMailServers(naming(METADATA));
    await world.publish({ [METADATA]: metadataOf(ISSUER, { scopes_supported: { length: 3 } }) });
    expect((await world.discover()).scope).toBe("openid email offline_access");
  });
});

describe("a resource's metadata", () => {
  const good = { resource: "https://imap.example.test", authorization_servers: [ISSUER] };

  test.each<[string, unknown]>([
    ["speaks of another resource", { ...good, resource: "https://mail.google.com" }],
    [
      "speaks of another one that begins alike",
      { ...good, resource: "https://imap.example.test.evil.example" },
    ],
    ["speaks of a path", { ...good, resource: "https://imap.example.test/jmap" }],
    ["speaks of none", { authorization_servers: [ISSUER] }],
    [
      "names an authorization server by http",
      { ...good, authorization_servers: ["http://login.example.test"] },
    ],
    ["names a script", { ...good, authorization_servers: ["javascript:alert(1)"] }],
    ["names a number", { ...good, authorization_servers: [7] }],
    ["names nobody", { ...good, authorization_servers: [] }],
    ["is a list", [good]],
    ["is null", new DocumentAnswer(200, "null")],
    ["is 2 MB long", { ...good, filler: "x".repeat(2_000_000) }],
  ])("is not believed when it %s", async (_what, document) => {
    const world = await createWorld();
    await world.putMailServers();
    const { requests } = await world.publish({ [RESOURCE]: document, [METADATA]: metadataOf(ISSUER) });
    const found = await world.discover();
    expect(found.issuer).toBeUndefined();
    expect(found.trail.some((step) => step.startsWith(`${RESOURCE}: `))).toBe(true);
    expect(requests.filter((request) => !request.endsWith("oauth-protected-resource"))).toEqual([]);
  });

  test("that leads nowhere does not stop the mail server from being asked", async () => {
    const world = await createWorld();
    await world.putMailServers(naming(METADATA));
    await world.publish({
      [RESOURCE]: { ...good, authorization_servers: ["https://gone.example.test"] },
      [METADATA]: metadataOf(ISSUER),
    });
    expect((await world.discover()).issuer).toBe(ISSUER);
  });
});

/** The same over and over, until the other side has gone. */
async function flood(connection: Parameters<Script>[0], text: string): Promise<never> {
  for (;;) await connection.write(text);
}
