// What a web server may answer instead of a mail configuration, to lead discovery astray or to keep it busy.
import { describe, expect, test } from "vitest";
import { createFakeClock } from "../../support/fake-clock.ts";
import { DocumentAnswer } from "../../support/small-internet.ts";
import { autoconfigDocument, ownAutoconfig, usualServers, xml } from "./autoconfig-documents.ts";
import { EMAIL, prepareWorlds } from "./discovery-rig.ts";

const createWorld = prepareWorlds();
const PLACE = "https://autoconfig.example.test/mail/config-v1.1.xml";
const OWN = ownAutoconfig("example.test", EMAIL);
const EVIL = usualServers("evil.example", "password-cleartext");

const padded = (size: number): DocumentAnswer => {
  const { body } = autoconfigDocument(EVIL);
  return xml(body.replace("</clientConfig>", `<!--${"x".repeat(size - body.length)}--></clientConfig>`));
};
const laughs = Array.from(
  { length: 9 },
  (_, level) => `<!ENTITY l${level + 1} "${`&l${level};`.repeat(10)}">`,
);

describe("a configuration", () => {
  test.each<[what: string, answer: DocumentAnswer, words: string]>([
    [
      "is somewhere else",
      new DocumentAnswer(302, "", { location: "https://evil.example/" }),
      "leads elsewhere",
    ],
    [
      "is somewhere else for ever",
      new DocumentAnswer(308, "", { location: "http://evil.example/" }),
      "leads elsewhere",
    ],
    ["is 1 MB long", padded(1_000_000), "it is larger than 256 KiB"],
    ["is 2 MB long", padded(2_000_000), "the answer is too large"],
    ["is an error", new DocumentAnswer(500, autoconfigDocument(EVIL).body), "status 500"],
    ["is broken", xml(autoconfigDocument(EVIL).body.slice(0, -9)), "it is not well-formed XML"],
    [
      "laughs a billion times",
      xml(`<!DOCTYPE c [<!ENTITY l0 "lol">${laughs.join("")}]><clientConfig>&l9;</clientConfig>`),
      "it has a document type",
    ],
    [
      "reads a file",
      xml(`<!DOCTYPE c [<!ENTITY f SYSTEM "file:///etc/passwd">]><clientConfig>&f;</clientConfig>`),
      "it has a document type",
    ],
    ["is a page for people", xml("<html><body>Not found</body></html>"), "it is no mail configuration"],
    ["is deep", xml(`${"<a>".repeat(9999)}${"</a>".repeat(9999)}`), "too deep"],
    ["is nothing", xml(""), "it is"],
    ["names no server", autoconfigDocument([]), "no server that can be used"],
    [
      "names servers for reading only",
      autoconfigDocument([{ type: "pop3", host: "pop.evil.example", port: 995, authentication: ["plain"] }]),
      "no server that can be used",
    ],
    [
      "names servers without encryption",
      autoconfigDocument(EVIL.map((server) => ({ ...server, socketType: "plain" }))),
      "it is not encrypted",
    ],
    [
      "names addresses instead of hosts",
      autoconfigDocument(EVIL.map((server) => ({ ...server, host: "127.0.0.1" }))),
      "this is no host name",
    ],
  ])("is not used when it %s", async (_what, answer, words) => {
    const world = await createWorld();
    await world.publish({ [OWN]: answer });
    const found = await world.discover();
    expect(found).toMatchObject({ imap: undefined, smtp: undefined });
    expect(found.trail.filter((step) => step.startsWith(PLACE)).join("\n")).toContain(words);
    expect(world.internet.asked.filter((place) => /evil|^[\d.]+:/.test(place))).toEqual([]);
  });

  test("is not taken from a server with a certificate for another name", async () => {
    const world = await createWorld();
    const { body } = autoconfigDocument(EVIL);
    const server = await world.putServer(
      "autoconfig.example.test:443",
      async (connection) =>
        connection.end(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`),
      { certificateFor: "evil.example" },
    );
    const found = await world.discover();
    expect(found.imap).toBeUndefined();
    expect(found.trail).toContain(`${PLACE}: it cannot be reached (ERR_TLS_CERT_ALTNAME_INVALID)`);
    expect(server.received().toString()).toBe("");
  });

  test("that does not come is waited for five seconds", async () => {
    const world = await createWorld();
    const clock = createFakeClock();
    const server = await world.putServer("autoconfig.example.test:443", async (connection) => {
      await connection.readLine();
      await connection.closed;
    });
    const discovering = world.discover({}, {}, clock);
    await server.connected(1);
    while (!server.received().includes("GET /mail/")) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(5000);
    expect((await discovering).trail).toContain(`${PLACE}: not within 5 seconds`);
  });

  test("cannot draw on the terminal, nor make the trail long", async () => {
    const world = await createWorld();
    await world.publish({
      [OWN]: autoconfigDocument(
        Array.from({ length: 500 }, (_, index) => ({
          host: `\u202ehost\u009b31m${index}`,
          port: 993,
          authentication: ["plain"],
        })),
        undefined,
        "\u202eevil",
      ),
    });
    const { trail } = await world.discover();
    expect(trail.join("")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(trail.length).toBeLessThan(30);
  });

  test("that names many servers makes us ask four", async () => {
    const world = await createWorld();
    await world.publish({
      [OWN]: autoconfigDocument(
        Array.from({ length: 30 }, (_, index) => ({
          host: `host${index}.evil.example`,
          port: 993,
          authentication: ["plain"],
        })),
      ),
    });
    await world.discover();
    expect(world.internet.asked.filter((place) => place.includes("evil"))).toHaveLength(4);
  });
});
