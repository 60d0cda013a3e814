// The mail configuration that a domain publishes: who is asked, in which order, and what is told to whom.
import { describe, expect, test } from "vitest";
import { parentsOf } from "../../../src/discovery/autoconfig-search.ts";
import { smtpUpstream } from "../../support/scripted-upstream.ts";
import type { Documents } from "../../support/small-internet.ts";
import {
  autoconfigDocument,
  databaseEntry,
  ownAutoconfig,
  type PublishedServer,
  usualServers,
  wellKnownAutoconfig,
} from "./autoconfig-documents.ts";
import {
  EMAIL,
  ISSUER,
  metadataOf,
  naming,
  OPENID_PATH,
  prepareWorlds,
  refusingImap,
} from "./discovery-rig.ts";

const createWorld = prepareWorlds();
const DOMAIN = "example.test";
const OWN = ownAutoconfig(DOMAIN, EMAIL);
const WELL_KNOWN = wellKnownAutoconfig(DOMAIN);
const METADATA = `${ISSUER}${OPENID_PATH}`;
/** Of the address itself, wherever it may stand. */
const PERSON = /alice/i;

describe("who is asked", () => {
  const at = (host: string): ReturnType<typeof autoconfigDocument> =>
    autoconfigDocument(usualServers(`${host}.${DOMAIN}`, "password-cleartext"));
  const database = databaseEntry(DOMAIN);

  test.each<[what: string, documents: Documents, host: string]>([
    [
      "the domain's own first",
      { [OWN]: at("own"), [WELL_KNOWN]: at("well"), [database]: at("database") },
      "own",
    ],
    ["then its well-known place", { [WELL_KNOWN]: at("well"), [database]: at("database") }, "well"],
    ["then Mozilla's database", { [database]: at("database") }, "database"],
  ])("%s", async (_what, documents, host) => {
    const world = await createWorld();
    for (const one of ["own", "well", "database"]) {
      await world.putServer(`imap.${one}.${DOMAIN}:993`, refusingImap());
      await world.putServer(`smtp.${one}.${DOMAIN}:465`, smtpUpstream());
    }
    await world.publish(documents);
    const found = await world.discover();
    expect(found.imap?.host).toBe(`imap.${host}.${DOMAIN}`);
    expect(found.smtp?.host).toBe(`smtp.${host}.${DOMAIN}`);
    // Whoever was found makes it needless to ask anybody else, in DNS too.
    expect(world.questions()).toEqual([DOMAIN]);
    expect(world.internet.asked.includes("autoconfig.thunderbird.net:443")).toBe(host === "database");
  });

  test("hears the address only where it is the domain's own server", async () => {
    const world = await createWorld();
    const { requests } = await world.publish({
      [`https://autoconfig.${DOMAIN}/nothing`]: {},
      [`https://${DOMAIN}/nothing`]: {},
      "https://autoconfig.thunderbird.net/nothing": {},
    });
    await world.discover({}, { mail: { [DOMAIN]: [{ exchange: "mx.in.hoster.test" }] } });
    expect(requests.filter((request) => PERSON.test(request))).toEqual([`GET ${OWN}`]);
    expect(requests.filter((request) => request.includes("thunderbird.net"))).toEqual(
      [DOMAIN, "in.hoster.test", "hoster.test"].map((name) => `GET ${databaseEntry(name)}`),
    );
  });

  test("is not the database again where it cannot be reached", async () => {
    const world = await createWorld();
    await world.discover({}, { mail: { [DOMAIN]: [{ exchange: "mx.in.hoster.test" }] } });
    expect(world.internet.asked.filter((place) => place.includes("thunderbird"))).toHaveLength(1);
  });

  test("is nobody without https", async () => {
    const world = await createWorld();
    const { port } = await world.putServer("elsewhere.test:1", async (connection) => connection.end(""), {
      inClear: true,
    });
    for (const host of [`autoconfig.${DOMAIN}`, DOMAIN]) world.internet.put(`${host}:80`, port);
    await world.discover();
    expect(world.internet.asked.filter((place) => !/:(?:443|465|587|993)$/.test(place))).toEqual([]);
  });

  test("is not the database about whoever filters the domain's mail", async () => {
    const world = await createWorld();
    const { requests } = await world.publish({ "https://autoconfig.thunderbird.net/nothing": {} });
    await world.discover({}, { mail: { [DOMAIN]: [{ exchange: "mx1.eu.mimecast.com" }] } });
    expect(requests).toEqual([`GET ${databaseEntry(DOMAIN)}`]);
  });

  test("is nobody where a person has named both servers", async () => {
    const world = await createWorld();
    await world.putMailServers();
    const imap = { host: "imap.example.test", port: 993, tls: "implicit" } as const;
    const smtp = { host: "smtp.example.test", port: 465, tls: "implicit" } as const;
    await world.discover({ imap, smtp });
    expect(world.internet.asked.filter((place) => place.startsWith("autoconfig."))).toEqual([]);
  });

  test.each([
    ["mx1.in.hoster.test", "customer.test", ["in.hoster.test", "hoster.test"]],
    ["a.b.c.d.hoster.co.uk", "customer.test", ["hoster.co.uk", "co.uk", "d.hoster.co.uk"]],
    ["mail.customer.test", "customer.test", []],
    ["hoster.test", "customer.test", []],
    ["localhost", "customer.test", []],
    [undefined, "customer.test", []],
  ])("above %s for %s is %j, and no more than three", (receiver, domain, parents) => {
    expect(parentsOf(receiver, domain).sort()).toEqual([...parents].sort());
  });
});

describe("what is published", () => {
  const servers = usualServers(DOMAIN, "OAuth2");

  async function discoverWith(documents: Documents, challenge?: string) {
    const world = await createWorld();
    await world.putMailServers(challenge);
    const published = await world.publish(documents);
    return { world, published, found: await world.discover() };
  }

  test("about signing in is believed only where the issuer says the same", async () => {
    const { found } = await discoverWith({ [OWN]: autoconfigDocument(servers, { issuer: ISSUER }) });
    expect(found).toMatchObject({ kind: "oauth", imap: { host: "imap.example.test" } });
    expect(found.issuer).toBeUndefined();
    expect(found.endpoints).toBeUndefined();
    expect(found.trail).toContain(`The configuration names the authorization server ${ISSUER}`);
  });

  test("about signing in gives way to the issuer's metadata", async () => {
    const { found } = await discoverWith({
      [OWN]: autoconfigDocument(servers, { issuer: ISSUER, token: `${ISSUER}/old-token`, scope: "mail:all" }),
      [METADATA]: metadataOf(ISSUER, {
        registration_endpoint: `${ISSUER}/register`,
        scopes_supported: ["openid"],
      }),
    });
    expect(found).toMatchObject({ issuer: ISSUER, scope: "mail:all openid", registersClients: true });
    expect(found.trail).toContain(
      `${ISSUER}: its metadata has other addresses than the configuration; the metadata's are used`,
    );
    expect(JSON.stringify(found)).not.toContain("old-token");
  });

  test("about signing in does not keep the mail server from being asked", async () => {
    const { found } = await discoverWith(
      {
        [OWN]: autoconfigDocument(servers, { issuer: "https://gone.example.test" }),
        [METADATA]: metadataOf(ISSUER),
      },
      naming(METADATA),
    );
    expect(found.issuer).toBe(ISSUER);
  });

  test("of a built-in provider's sign-in is not used with servers that are not that provider's", async () => {
    const { world, found } = await discoverWith({
      [OWN]: autoconfigDocument(servers, {
        issuer: "accounts.google.com",
        scope: "https://mail.google.com/",
        authorization: "https://accounts.google.com/o/oauth2/v2/auth",
        token: "https://oauth2.googleapis.com/token",
      }),
    });
    expect(found).toMatchObject({ imap: { host: "imap.example.test" } });
    const { provider, issuer, endpoints, scope } = found;
    expect({ provider, issuer, endpoints, scope }).toEqual({});
    expect(found.trail).toContain(
      "It names the sign-in of Gmail and Google Workspace with servers that are not theirs: that is not used",
    );
    expect(world.internet.asked.filter((place) => place.includes("google"))).toEqual([]);
  });

  test("of a built-in provider is replaced by what is built in", async () => {
    const world = await createWorld();
    await world.publish({
      [OWN]: autoconfigDocument(
        [
          { host: "outlook.office365.com", port: 993, authentication: ["OAuth2", "password-cleartext"] },
          { type: "smtp", host: "smtp.office365.com", port: 587, authentication: ["OAuth2"] },
        ],
        {
          issuer: "login.microsoftonline.com",
          scope: "everything",
          token: "https://login.microsoftonline.com/evil",
        },
      ),
    });
    const found = await world.discover();
    expect(found).toMatchObject({
      provider: "microsoft-365",
      recognisedBy: "autoconfig",
      issuer: "https://login.microsoftonline.com/organizations/v2.0",
      mechanism: "xoauth2",
      accepts: ["oauth"],
    });
    expect(JSON.stringify(found)).not.toMatch(/everything|evil/);
  });

  test("may want another user name than the address", async () => {
    const named = (userName: string): PublishedServer[] =>
      usualServers(DOMAIN, "password-cleartext").map((server) => ({ ...server, userName }));
    const local = await discoverWith({ [OWN]: autoconfigDocument(named("%EMAILLOCALPART%")) });
    expect(local.found.userName).toEqual({ imap: "local-part", smtp: "local-part" });
    const other = await discoverWith({ [OWN]: autoconfigDocument(named("%EMAILDOMAIN%\\%EMAILLOCALPART%")) });
    expect(other.found.userName.imap).toEqual({ name: "example.test\\alice.of.somewhere" });
    const same = await discoverWith({ [OWN]: autoconfigDocument(named("%EMAILADDRESS%")) });
    expect(same.found.userName).toEqual({ imap: "address", smtp: "address" });
  });

  test("is tried best first, and left where no server answers", async () => {
    const world = await createWorld();
    await world.putServer("imap.example.test:993", refusingImap());
    await world.putServer("two.example.test:465", smtpUpstream());
    await world.publish({
      [OWN]: autoconfigDocument([
        { host: "gone.example.test", port: 993, authentication: ["password-cleartext"], userName: "other" },
        { type: "smtp", host: "one.example.test", port: 587, authentication: ["password-cleartext"] },
        { type: "smtp", host: "two.example.test", port: 465, authentication: ["password-cleartext"] },
      ]),
    });
    const found = await world.discover();
    expect(found.smtp).toEqual({ host: "two.example.test", port: 465, tls: "implicit" });
    expect(found.imap?.host).toBe("imap.example.test");
    // Nothing of it counts but what was said of the server that is used.
    expect(found).toMatchObject({ userName: { imap: "address" }, providerName: undefined, kind: "oauth" });
  });

  test("with a password only is overruled by the mail server's own word", async () => {
    const { found } = await discoverWith(
      {
        [OWN]: autoconfigDocument(usualServers(DOMAIN, "password-cleartext")),
        [METADATA]: metadataOf(ISSUER),
      },
      naming(METADATA),
    );
    expect(found).toMatchObject({ kind: "oauth", issuer: ISSUER });
  });

  test("with a password only makes nobody guess at an authorization server", async () => {
    const { found, published } = await discoverWith({
      [OWN]: autoconfigDocument(usualServers(DOMAIN, "password-cleartext")),
      [`https://${DOMAIN}${OPENID_PATH}`]: metadataOf(`https://${DOMAIN}`),
    });
    expect(found).toMatchObject({ kind: "password", clientSecret: "none", issuer: undefined });
    expect(published.requests.filter((request) => request.endsWith(OPENID_PATH))).toEqual([]);
  });
});
