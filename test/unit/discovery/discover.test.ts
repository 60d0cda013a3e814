// An address, DNS over a real UDP socket, TLS with verified names, https: all of it but the internet.
import { describe, expect, test } from "vitest";
import { formatEhlo, smtpUpstream } from "../../support/scripted-upstream.ts";
import { ISSUER, metadataOf, naming, OPENID_PATH, prepareWorlds, refusingImap } from "./discovery-rig.ts";

const createWorld = prepareWorlds();
const PROFILE_SCOPE = "urn:ietf:params:oauth:scope:mail";
const RESOURCE_PATH = "/.well-known/oauth-protected-resource";

describe("mail servers", () => {
  test("are those that DNS names, on the ports that it names", async () => {
    const world = await createWorld();
    await world.putServer("in.hosting.test:1993", refusingImap());
    await world.putServer("out.hosting.test:1465", smtpUpstream());
    const found = await world.discover(
      {},
      {
        services: {
          "_imaps._tcp.example.test": [{ target: "in.hosting.test", port: 1993 }],
          "_submissions._tcp.example.test": [{ target: "out.hosting.test", port: 1465 }],
        },
      },
    );
    expect(found.imap).toEqual({ host: "in.hosting.test", port: 1993, tls: "implicit" });
    expect(found.smtp).toEqual({ host: "out.hosting.test", port: 1465, tls: "implicit" });
    expect(found.trail).toContain("SRV _imaps._tcp.example.test → in.hosting.test:1993");
    expect(found.trail).toContain(
      "in.hosting.test:1993: greets as an IMAP server, with a valid certificate for its name",
    );
    expect(world.internet.asked).not.toContain("imap.example.test:993");
  });

  test("are the next best where the best does not answer", async () => {
    const world = await createWorld();
    await world.putServer("two.example.test:993", refusingImap());
    const found = await world.discover(
      {},
      {
        services: {
          "_imaps._tcp.example.test": [
            { target: "two.example.test", port: 993, priority: 20 },
            { target: "one.example.test", port: 993, priority: 10 },
          ],
        },
      },
    );
    expect(found.imap?.host).toBe("two.example.test");
  });

  test("may speak STARTTLS, where DNS names no other", async () => {
    const world = await createWorld();
    await world.putMailServers();
    const certificate = await world.certificateFor("submit.example.test");
    await world.putServer(
      "submit.example.test:587",
      async (connection) => {
        await connection.write("220 ready\r\n");
        await connection.readLine();
        await connection.write(formatEhlo("STARTTLS"));
        await connection.readLine();
        await connection.write("220 go on\r\n");
        await connection.startTls(certificate);
        await connection.readLine();
        await connection.write(formatEhlo("AUTH OAUTHBEARER"));
        expect(await connection.readLine()).toBe("QUIT");
      },
      { inClear: true },
    );
    const found = await world.discover(
      {},
      { services: { "_submission._tcp.example.test": [{ target: "submit.example.test", port: 587 }] } },
    );
    expect(found.smtp).toEqual({ host: "submit.example.test", port: 587, tls: "starttls" });
  });

  test("are looked for under the usual names where DNS names none", async () => {
    const world = await createWorld();
    await world.putServer("mail.example.test:993", refusingImap());
    await world.putServer("example.test:465", smtpUpstream());
    const found = await world.discover();
    expect(found.imap).toEqual({ host: "mail.example.test", port: 993, tls: "implicit" });
    expect(found.smtp).toEqual({ host: "example.test", port: 465, tls: "implicit" });
  });

  test("are not looked for where DNS says that there are none", async () => {
    const world = await createWorld();
    await world.putMailServers();
    const found = await world.discover(
      {},
      { services: { "_imaps._tcp.example.test": [{ target: ".", port: 0 }] } },
    );
    expect(found.imap).toBeUndefined();
    expect(found.smtp?.host).toBe("smtp.example.test");
    expect(found.trail).toContain("example.test says in DNS that it offers no IMAP to mail programs");
    expect(world.internet.asked).not.toContain("imap.example.test:993");
  });

  test("that a person names are taken, and it is said whether they answer", async () => {
    const world = await createWorld();
    const imap = { host: "down.example.test", port: 993, tls: "implicit" } as const;
    const found = await world.discover({ imap });
    expect(found.imap).toEqual(imap);
    expect(found.trail).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^down\.example\.test:993: The mail server cannot be reached\./),
      ]),
    );
    expect(found.trail.join("\n")).not.toContain("_imaps._tcp");
  });

  test("of a domain in other letters are found under its ASCII form", async () => {
    const world = await createWorld();
    await world.putServer("imap.xn--bcher-kva.test:993", refusingImap());
    const found = await world.discover({ email: "alice@Bücher.test" });
    expect(found.imap?.host).toBe("imap.xn--bcher-kva.test");
  });

  test("are not looked for where the address has no domain", async () => {
    const world = await createWorld();
    const found = await world.discover({ email: "alice@[127.0.0.1]" });
    expect(found).toMatchObject({
      imap: undefined,
      issuer: undefined,
      trail: ["The address has no domain that can be looked up"],
    });
    expect(world.internet.asked).toEqual([]);
  });
});

describe("the authorization server", () => {
  test("is the one that the mail server names when a login has no token", async () => {
    const world = await createWorld();
    await world.putMailServers(naming(`${ISSUER}${OPENID_PATH}`, "mail"));
    const { requests } = await world.publish({
      [`${ISSUER}${OPENID_PATH}`]: metadataOf(ISSUER, { registration_endpoint: `${ISSUER}/register` }),
    });
    const found = await world.discover();
    expect(found).toMatchObject({
      imap: { host: "imap.example.test" },
      smtp: { host: "smtp.example.test" },
      issuer: ISSUER,
      scope: "mail openid email offline_access",
      mechanism: "auto",
      registersClients: true,
    });
    expect(requests).toEqual([`GET ${ISSUER}${OPENID_PATH}`]);
    expect(found.trail.slice(-2)).toEqual([
      `imap.example.test:993 names ${ISSUER}${OPENID_PATH} in its answer to a login without a token`,
      `${ISSUER}: publishes its metadata under its own name, and registers programs by itself`,
    ]);
  });

  test("learns nothing about the person, and nor does the mail server", async () => {
    const world = await createWorld();
    await world.putMailServers(naming(`${ISSUER}${OPENID_PATH}`));
    const { requests } = await world.publish({ [`${ISSUER}${OPENID_PATH}`]: metadataOf(ISSUER) });
    await world.discover();
    const words = world.received().split(/\s/);
    const heard = [
      world.received(),
      ...requests,
      ...words.map((word) => Buffer.from(word, "base64").toString()),
    ];
    expect(heard.join("\n")).toContain("auth=Bearer");
    expect(heard.join("\n")).not.toContain("alice");
  });

  test("is the one that the IMAP host names over https, before anybody tries to log in", async () => {
    const world = await createWorld();
    await world.putMailServers(naming("https://other.example.test/.well-known/openid-configuration"));
    await world.publish({
      [`https://imap.example.test${RESOURCE_PATH}`]: {
        resource: "https://imap.example.test",
        authorization_servers: [ISSUER, "https://second.example.test"],
        scopes_supported: [PROFILE_SCOPE],
      },
      [`${ISSUER}/.well-known/oauth-authorization-server`]: metadataOf(ISSUER, {
        scopes_supported: ["offline_access"],
      }),
    });
    const found = await world.discover();
    expect(found).toMatchObject({
      issuer: ISSUER,
      scope: `${PROFILE_SCOPE} offline_access`,
      registersClients: false,
    });
    expect(world.received()).not.toContain("AUTHENTICATE");
  });

  test("may be named by the domain", async () => {
    const world = await createWorld();
    await world.publish({
      [`https://example.test${RESOURCE_PATH}`]: {
        resource: "https://example.test/",
        authorization_servers: [ISSUER],
      },
      [`${ISSUER}${OPENID_PATH}`]: metadataOf(ISSUER),
    });
    expect((await world.discover()).issuer).toBe(ISSUER);
  });

  test("may be the domain itself", async () => {
    const world = await createWorld();
    await world.publish({ [`https://example.test${OPENID_PATH}`]: metadataOf("https://example.test") });
    expect((await world.discover()).issuer).toBe("https://example.test");
  });

  test("may have a path, and a slash that its metadata's address does not show", async () => {
    const world = await createWorld();
    const issuer = `${ISSUER}/application/mail/`;
    await world.putMailServers(naming(`${issuer}.well-known/openid-configuration`));
    await world.publish({
      [`${issuer}.well-known/openid-configuration`]: metadataOf(issuer, {
        authorization_endpoint: `${ISSUER}/a`,
      }),
    });
    expect((await world.discover()).issuer).toBe(issuer);
  });

  test("that a person names is the only one that is asked", async () => {
    const world = await createWorld();
    await world.putMailServers(naming("https://other.example.test/.well-known/openid-configuration"));
    const { requests } = await world.publish({ [`${ISSUER}${OPENID_PATH}`]: metadataOf(ISSUER) });
    expect((await world.discover({ issuer: ISSUER })).issuer).toBe(ISSUER);
    expect(requests).toEqual([`GET ${ISSUER}${OPENID_PATH}`]);
    expect(world.received()).not.toContain("AUTHENTICATE");
  });

  test("that nobody names is missing, and the trail tells who was asked", async () => {
    const world = await createWorld();
    await world.putMailServers('{"status":"401"}');
    const found = await world.discover();
    expect(found).toMatchObject({ issuer: undefined, scope: undefined, registersClients: false });
    const trail = found.trail.join("\n");
    for (const place of [
      `https://imap.example.test${RESOURCE_PATH}: `,
      `https://example.test${RESOURCE_PATH}: `,
      "imap.example.test:993: its answer to a login without a token names no authorization server",
      "https://example.test: ",
    ]) {
      expect(trail).toContain(place);
    }
  });
});
