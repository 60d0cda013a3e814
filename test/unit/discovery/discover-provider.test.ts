// A provider that Postern knows: what of it is told, when it is not believed, and what a person's own words change.
import { describe, expect, test } from "vitest";
import { WORTH_SAYING } from "../../../src/discovery/preset-finding.ts";
import { presetOfServers } from "../../../src/discovery/preset-owners.ts";
import { presets } from "../../../src/provider/table.ts";
import { smtpUpstream } from "../../support/scripted-upstream.ts";
import { ISSUER, prepareWorlds, refusingImap } from "./discovery-rig.ts";

const createWorld = prepareWorlds();
const server = (host: string, port = 993) => ({ host, port, tls: "implicit" }) as const;

describe("a known provider", () => {
  test("is told with all that a sign-in takes", async () => {
    const world = await createWorld();
    const found = await world.discover({ email: "alice@gmail.com" });
    expect(found).toEqual({
      kind: "oauth",
      provider: "google",
      providerName: "Gmail and Google Workspace",
      recognisedBy: "domain",
      imap: { host: "imap.gmail.com", port: 993, tls: "implicit" },
      smtp: { host: "smtp.gmail.com", port: 465, tls: "implicit" },
      userName: { imap: "address", smtp: "address" },
      accepts: ["oauth", "app-password"],
      mechanism: "xoauth2",
      issuer: "https://accounts.google.com",
      endpoints: {
        authorization: "https://accounts.google.com/o/oauth2/v2/auth",
        token: "https://oauth2.googleapis.com/token",
        deviceAuthorization: "https://oauth2.googleapis.com/device/code",
        revocation: "https://oauth2.googleapis.com/revoke",
      },
      scope: "https://mail.google.com/ openid email",
      scopeSeparator: " ",
      redirectUri: "http://127.0.0.1/callback",
      clientSecret: "required",
      authorizationParameters: { access_type: "offline", prompt: "consent" },
      verificationHosts: ["google.com", "www.google.com"],
      registersClients: false,
      appPassword: {
        offered: "with-two-step",
        name: "App password",
        page: "https://myaccount.google.com/apppasswords",
        note: "Organisations can switch app passwords off; then only the sign-in with OAuth works.",
      },
      quirks: [expect.stringContaining("restricted"), expect.stringContaining("seven days")],
      trail: [
        "gmail.com is one of the domains of Gmail and Google Workspace, which Postern knows",
        "Gmail and Google Workspace: IMAP imap.gmail.com:993; SMTP smtp.gmail.com:465; sign-in at accounts.google.com, oauth2.googleapis.com",
        "not verified: the extra parameters of the sign-in, how app passwords are had (general knowledge)",
      ],
    });
  });

  test("has its own permissions, separators, redirect address and mechanism", async () => {
    const world = await createWorld();
    expect(await world.discover({ email: "alice@zoho.eu" })).toMatchObject({
      scope: "ZohoMail.IMAP,ZohoMail.SMTP",
      scopeSeparator: ",",
      redirectUri: "https://localhost/callback",
      clientSecret: "required",
      accepts: ["app-password", "password"],
    });
    expect(await world.discover({ email: "alice@outlook.com" })).toMatchObject({
      scope:
        "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access openid profile email",
      mechanism: "xoauth2",
      clientSecret: "none",
      redirectUri: "http://localhost/callback",
      userName: { imap: "preferred_username", smtp: "preferred_username" },
      appPassword: { offered: "no" },
    });
    const { scope, endpoints, ...icloud } = await world.discover({ email: "alice@icloud.com" });
    expect({ scope, endpoints }).toEqual({});
    expect(icloud).toMatchObject({
      kind: "password",
      clientSecret: "none",
      userName: { imap: "local-part", smtp: "address" },
    });
  });

  test("says what nobody has verified, the match itself included", async () => {
    const world = await createWorld();
    const mail = { "agency.test": [{ exchange: "x.mail.protection.office365.us" }] };
    const { trail } = await world.discover({ email: "alice@agency.test" }, { mail });
    expect(trail).toEqual(
      expect.arrayContaining([
        "not verified: that x.mail.protection.office365.us is its own (general knowledge)",
        "not verified: the issuer (the worldwide cloud's form)",
      ]),
    );
  });

  test("is one though DNS is silent, where the domain says so; the trail tells that nobody could look", async () => {
    const world = await createWorld();
    const found = await world.discover(
      { email: "alice@comcast.net" },
      { answerTo: () => Buffer.alloc(4000, 0xc0) },
    );
    expect(found).toMatchObject({ provider: "comcast", recognisedBy: "domain" });
    expect(found.trail[0]).toBe("MX comcast.net: DNS does not answer (EBADRESP)");
    expect(found.quirks.join()).toContain("moves its mailboxes to Yahoo");
  });

  test("may be chosen by a person, whatever the domain says, and nothing is asked then", async () => {
    const world = await createWorld();
    const found = await world.discover({ email: "alice@gmail.com", provider: "fastmail" });
    expect(found).toMatchObject({ provider: "fastmail", issuer: "https://api.fastmail.com" });
    expect([found.recognisedBy, found.trail[0]]).toEqual([undefined, "You chose Fastmail"]);
    expect(world.received()).toBe("");
  });

  test("that does not exist is said to, and the address decides", async () => {
    const world = await createWorld();
    const found = await world.discover({ email: "alice@gmail.com", provider: "nobody" });
    expect(found.provider).toBe("google");
    expect(found.trail[0]).toBe('Postern knows no provider "nobody"');
  });

  test("may be told by its servers, where DNS names them", async () => {
    const world = await createWorld();
    await world.putServer("imap.fastmail.com:993", refusingImap());
    await world.putServer("smtp.fastmail.com:465", smtpUpstream());
    const services = {
      "_imaps._tcp.example.test": [{ target: "imap.fastmail.com", port: 993 }],
      "_submissions._tcp.example.test": [{ target: "smtp.fastmail.com", port: 465 }],
    };
    const found = await world.discover({}, { services });
    expect(found).toMatchObject({
      provider: "fastmail",
      recognisedBy: "servers",
      issuer: "https://api.fastmail.com",
    });
    expect(world.received()).not.toContain("AUTHENTICATE");
  });

  test("is not told by half of its servers", async () => {
    const world = await createWorld();
    await world.putServer("imap.gmail.com:993", refusingImap());
    await world.putServer("smtp.example.test:465", smtpUpstream());
    const services = { "_imaps._tcp.example.test": [{ target: "imap.gmail.com", port: 993 }] };
    const found = await world.discover({}, { services });
    expect(found).toMatchObject({ imap: { host: "imap.gmail.com" }, smtp: { host: "smtp.example.test" } });
    expect([found.provider, found.issuer]).toEqual([undefined, undefined]);
  });
});

describe("what a person names", () => {
  test.each([
    ["another IMAP server", { imap: server("relay.evil.example") }, "relay.evil.example"],
    ["another SMTP server", { smtp: server("relay.evil.example", 465) }, "relay.evil.example"],
    ["an address of another kind", { imap: server("127.0.0.1") }, "127.0.0.1"],
    ["another issuer", { issuer: ISSUER }, ISSUER],
    [
      "the provider's issuer with more behind it",
      { issuer: "https://accounts.google.com.evil.example" },
      "evil",
    ],
  ])("as %s keeps all of the provider's sign-in away", async (_what, named, words) => {
    const world = await createWorld();
    const found = await world.discover({ email: "alice@gmail.com", ...named });
    expect([found.provider, found.endpoints, found.scope]).toEqual([undefined, undefined, undefined]);
    expect(JSON.stringify({ ...found, trail: [] })).not.toContain("googleapis");
    const step = found.trail.find((sentence) =>
      sentence.includes("nothing that Postern knows of them is used"),
    );
    expect(step).toContain(words);
  });

  test("of the provider's other servers is used, and looked at", async () => {
    const world = await createWorld();
    await world.putServer("export.imap.mail.yahoo.com:993", refusingImap());
    const imap = server("export.imap.mail.yahoo.com");
    const found = await world.discover({ email: "alice@yahoo.com", imap });
    expect(found).toMatchObject({ provider: "yahoo", imap, smtp: { host: "smtp.mail.yahoo.com" } });
    expect(found.trail.at(-1)).toContain("export.imap.mail.yahoo.com:993: greets as an IMAP server");
  });

  test("tells the provider though the domain and DNS do not", async () => {
    const world = await createWorld();
    const found = await world.discover({
      imap: server("imap.gmail.com"),
      smtp: server("smtp.gmail.com", 465),
    });
    expect(found).toMatchObject({
      provider: "google",
      recognisedBy: "servers",
      issuer: "https://accounts.google.com",
    });
    expect([...world.internet.asked].sort()).toEqual(["imap.gmail.com:993", "smtp.gmail.com:465"]);
  });

  test("as the organisation's own tenant goes into all addresses", async () => {
    const world = await createWorld();
    const issuer = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0";
    const found = await world.discover({ email: "alice@contoso.onmicrosoft.com", issuer });
    expect(found).toMatchObject({
      provider: "microsoft-365",
      issuer,
      endpoints: {
        token: "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/oauth2/v2.0/token",
      },
    });
  });

  test("of a mailbox elsewhere is stronger than the hosts that receive its mail", async () => {
    const world = await createWorld();
    await world.putMailServers();
    const found = await world.discover(
      { imap: server("imap.example.test") },
      { mail: { "example.test": [{ exchange: "aspmx.l.google.com" }] } },
    );
    expect(found).toMatchObject({ imap: { host: "imap.example.test" }, smtp: { host: "smtp.example.test" } });
    expect(found.provider).toBeUndefined();
  });
});

describe("a mail server that nobody knows", () => {
  test.each([
    ["IMAP4rev1 AUTH=PLAIN", "password", ["password"]],
    ["IMAP4rev1", "password", ["password"]],
    ["IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2", "oauth", ["oauth", "password"]],
    ["IMAP4rev1 LOGINDISABLED AUTH=OAUTHBEARER", "oauth", ["oauth"]],
    ["IMAP4rev1 LOGINDISABLED AUTH=GSSAPI", "oauth", []],
  ])("and says %s takes %s", async (capabilities, kind, accepts) => {
    const world = await createWorld();
    await world.putServer("imap.example.test:993", refusingImap(undefined, capabilities));
    const found = await world.discover();
    expect(found).toMatchObject({ kind, accepts });
  });

  test("and takes no token makes nobody guess at an authorization server", async () => {
    const world = await createWorld();
    await world.putServer("imap.example.test:993", refusingImap(undefined, "IMAP4rev1 AUTH=PLAIN"));
    const { requests } = await world.publish({ "https://example.test/nothing": {} });
    const found = await world.discover();
    expect(found.trail.at(-1)).toBe("imap.example.test:993: announces no login with a token");
    expect(requests.filter((request) => request.includes("openid"))).toEqual([]);
  });
});

test("each quirk that is worth saying is one of a provider's", () => {
  const names = new Set(presets.flatMap(({ quirks }) => Object.keys(quirks)));
  expect(WORTH_SAYING.filter((name) => !names.has(name))).toEqual([]);
});

test("no server belongs to two providers, so that it tells which one it is", () => {
  const owners = presets.flatMap((preset) =>
    preset.kind === "self-hosted" || preset.mail === undefined
      ? []
      : [[preset.id, presetOfServers(preset.mail.imap.host, preset.mail.smtp.host)?.id]],
  );
  expect(owners.filter(([id, owner]) => id !== owner)).toEqual([]);
});
