// Sixty addresses and more, and where their mailboxes are: what DNS and https answer is the test's, everything else is real.
import { describe, expect, test } from "vitest";
import { discoverySchema } from "../../../src/control/shapes.ts";
import type { Discovery } from "../../../src/discovery/discovery.ts";
import { domainOf } from "../../../src/discovery/host-name.ts";
import { smtpUpstream } from "../../support/scripted-upstream.ts";
import type { Documents } from "../../support/small-internet.ts";
import {
  autoconfigDocument,
  databaseEntry,
  ownAutoconfig,
  usualServers,
  wellKnownAutoconfig,
  xml,
} from "./autoconfig-documents.ts";
import { metadataOf, OPENID_PATH, prepareWorlds, refusingImap, type World } from "./discovery-rig.ts";

const createWorld = prepareWorlds();

const GOOGLE = ["imap.gmail.com:993", "smtp.gmail.com:465", "accounts.google.com"] as const;
const MICROSOFT = [
  "outlook.office365.com:993",
  "smtp.office365.com:587",
  "login.microsoftonline.com",
] as const;
const OUTLOOK = [
  "outlook.office365.com:993",
  "smtp-mail.outlook.com:587",
  "login.microsoftonline.com",
] as const;
const YAHOO = ["imap.mail.yahoo.com:993", "smtp.mail.yahoo.com:465", "api.login.yahoo.com"] as const;
const AOL = ["imap.aol.com:993", "smtp.aol.com:465", "api.login.aol.com"] as const;
const ATT = ["imap.mail.att.net:993", "smtp.mail.att.net:465", "api.login.yahoo.com"] as const;
const FASTMAIL = ["imap.fastmail.com:993", "smtp.fastmail.com:465", "api.fastmail.com"] as const;
const YANDEX = ["imap.yandex.com:993", "smtp.yandex.com:465", "oauth.yandex.com"] as const;
const MAIL_RU = ["imap.mail.ru:993", "smtp.mail.ru:465", "oauth.mail.ru"] as const;
const SEZNAM = ["imap.seznam.cz:993", "smtp.seznam.cz:465", "login.seznam.cz"] as const;
const COMCAST = ["imap.comcast.net:993", "smtp.comcast.net:465", "oauth.xfinity.com"] as const;
const THUNDERMAIL = ["mail.thundermail.com:993", "mail.thundermail.com:465", "auth.tb.pro"] as const;
const ICLOUD = ["imap.mail.me.com:993", "smtp.mail.me.com:587"] as const;
const GMX = ["imap.gmx.net:993", "mail.gmx.net:465"] as const;

type Hosts = readonly [imap: string, smtp: string, signIn?: string];

/** IMAP host, SMTP host and the host of the issuer, each where it is found; of what the control API would answer. */
function hostsOf(found: Discovery): (string | undefined)[] {
  const { imap, smtp, issuer } = discoverySchema.parse(JSON.parse(JSON.stringify(found)));
  return [
    imap && `${imap.host}:${imap.port}`,
    smtp && `${smtp.host}:${smtp.port}`,
    issuer === undefined ? undefined : new URL(issuer).hostname,
  ];
}

function expected([imap, smtp, signIn]: Hosts): (string | undefined)[] {
  return [imap, smtp, signIn];
}

describe("the domain tells, and nobody is asked", () => {
  test.each<[email: string, provider: string, kind: Discovery["kind"], hosts: Hosts]>([
    ["alice@gmail.com", "google", "oauth", GOOGLE],
    ["Alice.Of.Somewhere@GMail.com", "google", "oauth", GOOGLE],
    ["alice@googlemail.com", "google", "oauth", GOOGLE],
    ["alice@ｇｍａｉｌ.com", "google", "oauth", GOOGLE],
    ["alice@contoso.onmicrosoft.com", "microsoft-365", "oauth", MICROSOFT],
    ["alice@outlook.com", "outlook-com", "oauth", OUTLOOK],
    ["alice@outlook.com.br", "outlook-com", "oauth", OUTLOOK],
    ["alice@hotmail.co.uk", "outlook-com", "oauth", OUTLOOK],
    ["alice@live.nl", "outlook-com", "oauth", OUTLOOK],
    ["alice@msn.com", "outlook-com", "oauth", OUTLOOK],
    [
      "alice@agency.onmicrosoft.us",
      "microsoft-gcc-high",
      "oauth",
      ["outlook.office365.us:993", "smtp.office365.us:587", "login.microsoftonline.us"],
    ],
    [
      "alice@firma.partner.onmschina.cn",
      "microsoft-china",
      "oauth",
      ["partner.outlook.cn:993", "smtp.partner.outlook.cn:587", "login.partner.microsoftonline.cn"],
    ],
    ["alice@yahoo.com", "yahoo", "oauth", YAHOO],
    ["alice@yahoo.co.uk", "yahoo", "oauth", YAHOO],
    ["alice@ymail.com", "yahoo", "oauth", YAHOO],
    ["alice@rocketmail.com", "yahoo", "oauth", YAHOO],
    ["alice@aol.com", "aol", "oauth", AOL],
    ["alice@aim.com", "aol", "oauth", AOL],
    ["alice@verizon.net", "aol", "oauth", AOL],
    ["alice@fastmail.com", "fastmail", "oauth", FASTMAIL],
    ["alice@fastmail.fm", "fastmail", "oauth", FASTMAIL],
    ["alice@yandex.ru", "yandex", "oauth", YANDEX],
    ["alice@ya.ru", "yandex", "oauth", YANDEX],
    ["alice@mail.ru", "mail-ru", "oauth", MAIL_RU],
    ["alice@bk.ru", "mail-ru", "oauth", MAIL_RU],
    ["alice@inbox.ru", "mail-ru", "oauth", MAIL_RU],
    ["alice@seznam.cz", "seznam", "oauth", SEZNAM],
    ["alice@post.cz", "seznam", "oauth", SEZNAM],
    ["alice@zohomail.eu", "zoho-eu", "oauth", ["imap.zoho.eu:993", "smtp.zoho.eu:465", "accounts.zoho.eu"]],
    ["alice@zoho.com", "zoho", "oauth", ["imap.zoho.com:993", "smtp.zoho.com:465", "accounts.zoho.com"]],
    ["alice@tb.pro", "thundermail", "oauth", THUNDERMAIL],
    ["alice@icloud.com", "icloud", "password", ICLOUD],
    ["alice@me.com", "icloud", "password", ICLOUD],
    ["alice@mac.com", "icloud", "password", ICLOUD],
    ["alice@gmx.de", "gmx", "password", GMX],
    ["alice@gmx.ch", "gmx", "password", GMX],
    ["alice@gmx.co.uk", "gmx-com", "password", ["imap.gmx.com:993", "mail.gmx.com:465"]],
    ["alice@web.de", "web-de", "password", ["imap.web.de:993", "smtp.web.de:465"]],
    [
      "alice@t-online.de",
      "t-online",
      "password",
      ["secureimap.t-online.de:993", "securesmtp.t-online.de:465"],
    ],
    ["alice@orange.fr", "orange", "password", ["imap.orange.fr:993", "smtp.orange.fr:465"]],
    ["alice@libero.it", "libero", "password", ["imapmail.libero.it:993", "smtp.libero.it:465"]],
  ])("%s is %s", async (email, provider, kind, hosts) => {
    const world = await createWorld();
    const found = await world.discover({ email });
    expect(found).toMatchObject({ provider, kind, recognisedBy: "domain" });
    expect(hostsOf(found)).toEqual(expected(hosts));
    expect(world.questions()).toEqual([]);
    expect(world.internet.asked).toEqual([]);
  });

  test.each(["alice@proton.me", "alice@pm.me"])("%s belongs to another program", async (email) => {
    const world = await createWorld();
    const found = await world.discover({ email });
    expect(found).toMatchObject({
      provider: "proton",
      kind: "password",
      instead: { name: "Proton Mail Bridge", page: "https://proton.me/mail/bridge" },
    });
    expect(hostsOf(found)).toEqual([undefined, undefined, undefined]);
    expect(world.internet.asked).toEqual([]);
  });
});

describe("the hosts that receive the domain's mail tell", () => {
  test.each<[email: string, receivers: readonly string[], provider: string, hosts: Hosts]>([
    ["alice@workspace.test", ["aspmx.l.google.com", "alt1.aspmx.l.google.com"], "google", GOOGLE],
    ["alice@new-workspace.test", ["smtp.google.com"], "google", GOOGLE],
    ["alice@contoso.test", ["contoso-test.mail.protection.outlook.com"], "microsoft-365", MICROSOFT],
    ["alice@dnssec.test", ["dnssec-test.p-v1.mx.microsoft"], "microsoft-365", MICROSOFT],
    ["alice@vanity.test", ["eur.olc.protection.outlook.com"], "outlook-com", OUTLOOK],
    [
      "alice@agency.test",
      ["agency-test.mail.protection.office365.us"],
      "microsoft-gcc-high",
      ["outlook.office365.us:993", "smtp.office365.us:587", "login.microsoftonline.us"],
    ],
    [
      "alice@family.test",
      ["in1-smtp.messagingengine.com", "in2-smtp.messagingengine.com"],
      "fastmail",
      FASTMAIL,
    ],
    ["alice@firma.test", ["mx.yandex.net"], "yandex", YANDEX],
    ["alice@bücher.test", ["emx.mail.ru"], "mail-ru", MAIL_RU],
    ["alice@apple.test", ["mx01.mail.icloud.com", "mx02.mail.icloud.com"], "icloud", ICLOUD],
    // Whose mailboxes have moved, domain or not.
    ["moved@comcast.net", ["mx-comcast.mail.am0.yahoodns.net"], "yahoo", YAHOO],
    ["moved@sbcglobal.net", ["al-ip4-mx-vip1.mail.am0.yahoodns.net"], "yahoo", YAHOO],
    // Somebody filters in front, and somebody else is next.
    ["alice@filtered.test", ["eu-smtp-inbound-1.mimecast.com", "aspmx.l.google.com"], "google", GOOGLE],
  ])("%s", async (email, receivers, provider, hosts) => {
    const world = await createWorld();
    const mail = receivers.map((exchange, index) => ({ exchange, preference: 10 * (index + 1) })).reverse();
    const found = await world.discover({ email }, { mail: { [domainOf(email) ?? ""]: mail } });
    expect(found).toMatchObject({ provider, recognisedBy: "mx" });
    expect(hostsOf(found)).toEqual(expected(hosts));
    expect(found.trail[0]).toBe(`MX ${domainOf(email)} → ${receivers.join(", ")}`);
    expect(world.internet.asked).toEqual([]);
  });

  test.each<[email: string, receivers: readonly string[], provider: string, hosts: Hosts]>([
    ["not-moved@comcast.net", ["mx1.mxge.comcast.net"], "comcast", COMCAST],
    ["silent@comcast.net", [], "comcast", COMCAST],
    ["alice@cox.net", ["mx-aol.mail.am0.yahoodns.net"], "yahoo", YAHOO],
    ["alice@cox.net", [], "yahoo", YAHOO],
    ["alice@bellsouth.net", ["ff-ip4-mx-vip1.prodigy.net"], "att", ATT],
    ["forged@comcast.net", ["aspmx.l.google.com"], "comcast", COMCAST],
  ])("nothing that %s with %j did not say already", async (email, receivers, provider, hosts) => {
    const world = await createWorld();
    const domain = domainOf(email) ?? "";
    const found = await world.discover(
      { email },
      { mail: { [domain]: receivers.map((exchange) => ({ exchange })) } },
    );
    expect(found).toMatchObject({ provider, recognisedBy: "domain" });
    expect(hostsOf(found)).toEqual(expected(hosts));
    expect(world.questions()).toEqual([domain]);
  });
});

describe("the domain's own servers tell", () => {
  test.each<{
    what: string;
    email: string;
    documents?: (email: string) => Documents;
    mail?: readonly string[];
    services?: readonly string[];
    imap?: string;
    smtp?: string;
    expect: Partial<Discovery> & { hosts?: Hosts };
  }>([
    {
      what: "a configuration with OAuth2",
      email: "alice@own.test",
      documents: (email) => ({
        [ownAutoconfig("own.test", email)]: autoconfigDocument(usualServers("own.test", "OAuth2"), {
          issuer: "login.own.test",
          scope: "imap smtp",
        }),
        [`https://login.own.test${OPENID_PATH}`]: metadataOf("https://login.own.test"),
      }),
      imap: "imap.own.test:993",
      smtp: "smtp.own.test:465",
      expect: {
        kind: "oauth",
        scope: "imap smtp openid email offline_access",
        accepts: ["oauth"],
        hosts: ["imap.own.test:993", "smtp.own.test:465", "login.own.test"],
      },
    },
    {
      what: "a configuration with a password only",
      email: "alice@plain.test",
      documents: () => ({
        [wellKnownAutoconfig("plain.test")]: autoconfigDocument(
          usualServers("plain.test", "password-cleartext"),
        ),
      }),
      imap: "imap.plain.test:993",
      smtp: "smtp.plain.test:465",
      expect: {
        kind: "password",
        providerName: "Example Mail",
        hosts: ["imap.plain.test:993", "smtp.plain.test:465"],
      },
    },
    {
      what: "a configuration in Mozilla's database",
      email: "alice@bücher.test",
      documents: () => ({
        [databaseEntry("xn--bcher-kva.test")]: autoconfigDocument(
          usualServers("hoster.test", "password-cleartext"),
        ),
      }),
      imap: "imap.hoster.test:993",
      smtp: "smtp.hoster.test:465",
      expect: { kind: "password", hosts: ["imap.hoster.test:993", "smtp.hoster.test:465"] },
    },
    {
      what: "a configuration in Mozilla's database of whoever receives the mail",
      email: "alice@customer.test",
      mail: ["mx1.in.hoster.test"],
      documents: () => ({
        [databaseEntry("hoster.test")]: autoconfigDocument(usualServers("hoster.test", "password-cleartext")),
      }),
      imap: "imap.hoster.test:993",
      smtp: "smtp.hoster.test:465",
      expect: { kind: "password", hosts: ["imap.hoster.test:993", "smtp.hoster.test:465"] },
    },
    {
      what: "a configuration that names a known provider's servers",
      email: "alice@school.test",
      documents: (email) => ({
        [ownAutoconfig("school.test", email)]: autoconfigDocument(
          [
            { host: "imap.gmail.com", port: 993, authentication: ["OAuth2"] },
            { type: "smtp", host: "smtp.gmail.com", port: 465, authentication: ["OAuth2"] },
          ],
          { issuer: "accounts.google.com" },
        ),
      }),
      expect: { provider: "google", recognisedBy: "autoconfig", hosts: GOOGLE },
    },
    {
      what: "DNS alone (SRV)",
      email: "alice@srv.test",
      services: ["in.srv.test:993", "out.srv.test:465"],
      imap: "in.srv.test:993",
      smtp: "out.srv.test:465",
      expect: { kind: "oauth", hosts: ["in.srv.test:993", "out.srv.test:465"] },
    },
    {
      what: "the usual names",
      email: "alice@usual.test",
      imap: "mail.usual.test:993",
      smtp: "mail.usual.test:465",
      expect: { kind: "oauth", hosts: ["mail.usual.test:993", "mail.usual.test:465"] },
    },
    {
      what: "a filter in front, and then the usual names",
      email: "alice@behind.test",
      mail: ["mx1.pphosted.com"],
      imap: "imap.behind.test:993",
      smtp: "smtp.behind.test:465",
      expect: { kind: "oauth", hosts: ["imap.behind.test:993", "smtp.behind.test:465"] },
    },
  ])("$what", async ({ email, documents, mail = [], services, imap, smtp, expect: wanted }) => {
    const world = await createWorld();
    await putServers(world, imap, smtp);
    if (documents !== undefined) await world.publish(documents(email));
    const domain = domainOf(email) ?? "";
    const found = await world.discover(
      { email },
      {
        mail: { [domain]: mail.map((exchange) => ({ exchange })) },
        services: services === undefined ? {} : servicesOf(domain, services),
      },
    );
    const { hosts, ...others } = wanted;
    expect(found).toMatchObject(others);
    expect(hostsOf(found)).toEqual(expected(hosts ?? ["", ""]));
  });
});

describe("nobody tells", () => {
  test.each([
    ["nobody@nowhere.test"],
    // Which only look like somebody's.
    ["alice@gmail.com.evil.example"],
    ["alice@notgmail.com"],
    ["alice@gmаil.com"],
    ["alice@xn--gmil-63d.com"],
    ["alice@onmicrosoft.com.evil.example"],
    ["alice@evilonmicrosoft.com"],
    ["alice@yahoo.evil.example"],
    ["alice@comcast.net.evil.example"],
  ])("%s", async (email) => {
    const world = await createWorld();
    const found = await world.discover({ email });
    expect([found.provider, found.recognisedBy, found.registersClients]).toEqual([
      undefined,
      undefined,
      false,
    ]);
    expect(hostsOf(found)).toEqual([undefined, undefined, undefined]);
    expect(world.questions()).toContain(domainOf(email));
  });

  test.each<[what: string, answer: unknown]>([
    [
      "sockets without encryption",
      autoconfigDocument([
        { host: "imap.evil.example", port: 143, socketType: "plain", authentication: ["password-cleartext"] },
        { type: "smtp", host: "smtp.evil.example", port: 25, socketType: "plain", authentication: ["plain"] },
      ]),
    ],
    ["broken XML", xml("<clientConfig><emailProvider>")],
    [
      "an entity that grows",
      xml(`<!DOCTYPE a [<!ENTITY b "${"x".repeat(999)}">]><clientConfig>&b;</clientConfig>`),
    ],
    ["another kind of XML", xml("<html/>")],
  ])("a configuration with %s", async (_what, answer) => {
    const world = await createWorld();
    const email = "alice@odd.test";
    await world.publish({ [ownAutoconfig("odd.test", email)]: answer });
    const found = await world.discover({ email });
    expect(hostsOf(found)).toEqual([undefined, undefined, undefined]);
    expect(world.internet.asked.filter((place) => place.includes("evil"))).toEqual([]);
  });
});

async function putServers(world: World, imap: string | undefined, smtp: string | undefined): Promise<void> {
  if (imap !== undefined) await world.putServer(imap, refusingImap());
  if (smtp !== undefined) await world.putServer(smtp, smtpUpstream());
}

function servicesOf(domain: string, [imap = "", smtp = ""]: readonly string[]) {
  const at = (place: string) => {
    const [target = "", port = ""] = place.split(":");
    return [{ target, port: Number(port) }];
  };
  return { [`_imaps._tcp.${domain}`]: at(imap), [`_submissions._tcp.${domain}`]: at(smtp) };
}
