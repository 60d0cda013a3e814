// Which addresses belong to which provider, and which only look like it.
import { describe, expect, it, test } from "vitest";
import { findByDomain, findByMx, findProvider, needsMx } from "../../../src/provider/match.ts";

describe("by domain", () => {
  it.each([
    ["gmail.com", "google"],
    ["GMAIL.COM", "google"],
    ["googlemail.com.", "google"],
    [" gmail.com ", "google"],
    ["contoso.onmicrosoft.com", "microsoft-365"],
    ["mail.contoso.onmicrosoft.com", "microsoft-365"],
    ["agency.onmicrosoft.us", "microsoft-gcc-high"],
    ["firma.partner.onmschina.cn", "microsoft-china"],
    ["outlook.com", "outlook-com"],
    ["outlook.com.br", "outlook-com"],
    ["hotmail.co.uk", "outlook-com"],
    ["live.nl", "outlook-com"],
    ["msn.com", "outlook-com"],
    ["yahoo.com", "yahoo"],
    ["yahoo.co.uk", "yahoo"],
    ["yahoo.de", "yahoo"],
    ["ymail.com", "yahoo"],
    ["cox.net", "yahoo"],
    ["aol.com", "aol"],
    ["aim.com", "aol"],
    ["verizon.net", "aol"],
    ["sbcglobal.net", "att"],
    ["bellsouth.net", "att"],
    ["fastmail.com", "fastmail"],
    ["yandex.kz", "yandex"],
    ["ya.ru", "yandex"],
    ["bk.ru", "mail-ru"],
    ["corp.mail.ru", "mail-ru"],
    ["post.cz", "seznam"],
    ["comcast.net", "comcast"],
    ["zohomail.eu", "zoho-eu"],
    ["zoho.com", "zoho"],
    ["thundermail.com", "thundermail"],
    ["me.com", "icloud"],
    ["gmx.de", "gmx"],
    ["gmx.co.uk", "gmx-com"],
    ["web.de", "web-de"],
    ["usa.com", "mail-com"],
    ["online.de", "1und1"],
    ["magenta.de", "t-online"],
    ["wanadoo.fr", "orange"],
    ["inwind.it", "libero"],
    ["pm.me", "proton"],
    // Letters of another width are the same domain to everybody who resolves names (UTS 46).
    ["ｇｍａｉｌ.com", "google"],
  ])("%s is %s", (domain, id) => {
    expect(findByDomain(domain)?.id).toBe(id);
  });

  it.each([
    ["gmail.com.evil.example"],
    ["notgmail.com"],
    ["gmail.com-evil.example"],
    ["gmail.comevil"],
    ["mail.gmail.com"],
    ["xgmail.com"],
    // gmаil.com with a Cyrillic letter, as it is typed and as DNS has it.
    ["gmаil.com"],
    ["xn--gmil-63d.com"],
    ["xn--gmail-.com"],
    ["yahoo.evil.example"],
    ["yahoo.com.evil.example"],
    ["yahoo"],
    // Another company.
    ["yahoo.co.jp"],
    ["outlook.evil"],
    ["hotmail.com.ru"],
    ["live.example.com"],
    ["evilonmicrosoft.com"],
    ["onmicrosoft.com.evil.example"],
    ["mail.com.evil.example"],
    ["gmail.com/evil"],
    ["gmail.com/.evil.example"],
    ["gmail.com?.evil.example"],
    ["gmail.com#.evil.example"],
    ["gmail.com\\.evil.example"],
    ["gma\til.com"],
    ["gmail%2ecom"],
    ["gmail.com:993"],
    ["gmail.com\u0000.evil.example"],
    ["gmail..com"],
    ["[127.0.0.1]"],
    ["127.0.0.1"],
    [""],
    ["example.org"],
    ["constructor"],
    ["__proto__"],
  ])("%j is nobody's", (domain) => {
    expect(findByDomain(domain)).toBeUndefined();
  });
});

describe("by MX hosts", () => {
  it.each([
    ["aspmx.l.google.com", "google"],
    ["ALT1.ASPMX.L.GOOGLE.COM.", "google"],
    ["aspmx2.googlemail.com", "google"],
    ["smtp.google.com", "google"],
    ["example-org.mail.protection.outlook.com", "microsoft-365"],
    ["example-org.x-v1.mx.microsoft", "microsoft-365"],
    ["eur.olc.protection.outlook.com", "outlook-com"],
    ["agency-gov.mail.protection.office365.us", "microsoft-gcc-high"],
    ["firma-cn.mail.protection.partner.outlook.cn", "microsoft-china"],
    ["mta5.am0.yahoodns.net", "yahoo"],
    ["mx-eu.mail.am0.yahoodns.net", "yahoo"],
    ["mx-aol.mail.gm0.yahoodns.net", "aol"],
    ["ff-ip4-mx-vip1.prodigy.net", "att"],
    ["in1-smtp.messagingengine.com", "fastmail"],
    ["mx.yandex.net", "yandex"],
    ["emx.mail.ru", "mail-ru"],
    ["mx2.zoho.eu", "zoho-eu"],
    ["mx.zoho.com.au", "zoho-au"],
    ["mx02.mail.icloud.com", "icloud"],
    ["mx00.gmx.net", "gmx"],
    ["mx00.mail.com", "mail-com"],
    ["mx01.kundenserver.de", "1und1"],
    ["mailsec.protonmail.ch", "proton"],
    ["mx1h1.comcast.net", "comcast"],
  ])("%s is %s", (host, id) => {
    expect(findByMx([host])).toMatchObject({ kind: "provider", preset: { id } });
  });

  it.each([
    [["mail.example.org"]],
    [["aspmx.l.google.com.evil.example"]],
    [["evil-aspmx-l.google.com"]],
    [["notmessagingengine.com"]],
    [["mail.protection.outlook.com.evil.example"]],
    [["evilyahoodns.net"]],
    [["protection.outlook.com"]],
    [["not a host name", "aspmx.l.google.com"]],
    [[]],
  ])("%j say nothing", (hosts) => {
    expect(findByMx(hosts)).toEqual({ kind: "unknown" });
  });

  it("looks past a gateway to the next host, since mail is only filtered there", () => {
    const hosts = ["mxa-0001.gslb.pphosted.com", "example-org.mail.protection.outlook.com"];
    expect(findByMx(hosts)).toMatchObject({ kind: "provider", preset: { id: "microsoft-365" } });
  });

  it.each([
    ["eu-smtp-inbound-1.mimecast.com", "Mimecast"],
    ["mxb-0001.gslb.pphosted.com", "Proofpoint"],
    ["mx1.hc123-45.eu.iphmx.com", "Cisco"],
  ])("tells that %s is a gateway, and of what name", (host, name) => {
    expect(findByMx([host])).toEqual({ kind: "gateway", name, host });
  });

  it("believes the most preferred host, not a spare one that is somebody else's", () => {
    expect(findByMx(["mail.example.org", "aspmx.l.google.com"])).toEqual({ kind: "unknown" });
  });
});

describe("by both", () => {
  it.each([
    ["comcast.net", ["mx1h1.comcast.net"], "comcast", "domain"],
    ["comcast.net", ["mta7.am0.yahoodns.net"], "yahoo", "mx"],
    ["att.net", ["ff-ip4-mx-vip1.prodigy.net"], "att", "domain"],
    ["att.net", ["mta7.am0.yahoodns.net"], "yahoo", "mx"],
    ["cox.net", ["cxr.mx.a.cloudfilter.net"], "yahoo", "domain"],
    ["example.org", ["aspmx.l.google.com"], "google", "mx"],
    ["example.org", ["in2-smtp.messagingengine.com"], "fastmail", "mx"],
    // A provider's own domain is nobody else's, whatever somebody's DNS says.
    ["gmail.com", ["in1-smtp.messagingengine.com"], "google", "domain"],
    ["yahoo.com", ["mx.yandex.net"], "yahoo", "domain"],
    ["comcast.net", ["mx.yandex.net"], "comcast", "domain"],
    // mail.com's mailboxes have had GMX's MX hosts, and are elsewhere.
    ["usa.com", ["mx00.gmx.com"], "mail-com", "domain"],
    ["aol.com", ["mx-aol.mail.gm0.yahoodns.net"], "aol", "domain"],
    ["gmail.com", [], "google", "domain"],
  ] as const)("%s with %j is %s by its %s", (domain, hosts, id, by) => {
    expect(findProvider(domain, hosts)).toMatchObject({ preset: { id }, by });
  });

  it("finds nobody for a domain with its own servers", () => {
    expect(findProvider("example.org", ["mail.example.org"])).toBeUndefined();
    expect(findProvider("not a domain", ["aspmx.l.google.com"])).toBeUndefined();
  });
});

test.each([
  ["example.org", true],
  ["comcast.net", true],
  ["ATT.net", true],
  ["cox.net", true],
  ["gmail.com", false],
  ["contoso.onmicrosoft.com", false],
  ["not a domain", false],
])("whether %s takes a look at its MX hosts: %s", (domain, needed) => {
  expect(needsMx(domain)).toBe(needed);
});
