// What holds for every preset, whatever it says: its form, where its facts come from, that nobody can change it, and that
// it belongs to nobody's product.
import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it, test } from "vitest";
import { newAccountSchema, passwordSettingsSchema } from "../../../src/control/shapes.ts";
import { danglingPaths, explainValues, unverifiedPaths } from "../../../src/provider/fact.ts";
import { impliedMail, impliedOAuth } from "../../../src/provider/implied-settings.ts";
import { domainsOf } from "../../../src/provider/match.ts";
import { type ProviderPreset, presetSchema } from "../../../src/provider/preset.ts";
import { TEMPLATE_WORDS } from "../../../src/provider/preset-parts.ts";
import { findPreset, presets } from "../../../src/provider/table.ts";

const rows = presets.map((preset) => [preset.id, preset] as const);

/** Everything in a value that is no container, and every key. */
function walk(value: unknown, visit: (key: string, value: unknown) => void, key = ""): void {
  visit(key, value);
  if (typeof value !== "object" || value === null) return;
  for (const [name, element] of Object.entries(value)) walk(element, visit, name);
}

describe.each(rows)("%s", (_id, preset) => {
  it("has the form of a preset, with nothing beside it", () => {
    expect(presetSchema.safeParse(preset).error?.issues ?? []).toEqual([]);
  });

  it("says of every value where it comes from", () => {
    const without = explainValues(preset).filter(({ fact }) => fact === undefined);
    expect(without.map(({ path }) => path)).toEqual([]);
  });

  it("has no fact about a value that is not there", () => {
    expect(danglingPaths(preset)).toEqual([]);
  });

  it("cannot be changed anywhere", () => {
    const soft: string[] = [];
    walk(preset, (key, value) => {
      if (typeof value === "object" && value !== null && !Object.isFrozen(value)) soft.push(key);
    });
    expect(soft).toEqual([]);
  });

  it("speaks in sentences, with steps and names that are each there once", () => {
    const { errors, quirks, registration, unknown } = preset;
    for (const quirk of Object.values(quirks)) expect(quirk).toMatch(/^(?:[A-Z0-9]|mail\.com).*\.$/s);
    for (const error of errors) if ("sentence" in error) expect(error.sentence).toMatch(/^[A-Za-z].*\.$/s);
    for (const sentence of unknown) expect(sentence).toMatch(/^[A-Z].*[^.]$/);
    const ids = registration?.steps.map(({ id }) => id) ?? [];
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("fills only known words into the values of its registration guide", () => {
    const values = preset.registration?.steps.flatMap(({ copy }) => copy ?? []).map(({ value }) => value);
    for (const value of values ?? []) {
      const words = value.match(/\b[A-Z]{2,}(?:-[A-Z]+)*\b/g) ?? [];
      expect(TEMPLATE_WORDS).toEqual(expect.arrayContaining(words));
    }
  });
});

test("every preset has an id, a name, domains and MX suffixes of its own", () => {
  const once = (list: readonly string[]): void => expect([...new Set(list)].sort()).toEqual([...list].sort());
  once(presets.map(({ id }) => id));
  once(presets.map(({ name }) => name));
  once(presets.flatMap((preset) => [...domainsOf(preset), ...(preset.match.parents ?? [])]));
  once(presets.flatMap(({ match }) => match.mx.map(({ suffix }) => suffix)));
});

test("all providers of the brief are there, each of its kind", () => {
  const kinds = Object.groupBy(presets, ({ kind }) => kind);
  const ids = (kind: ProviderPreset["kind"]): string[] => (kinds[kind] ?? []).map(({ id }) => id);
  expect(ids("oauth")).toEqual(
    expect.arrayContaining(
      "google microsoft-365 outlook-com microsoft-gcc-high microsoft-dod microsoft-china yahoo aol att fastmail yandex mail-ru seznam comcast zoho thundermail".split(
        " ",
      ),
    ),
  );
  expect(ids("password")).toEqual(
    expect.arrayContaining("icloud gmx web-de mail-com 1und1 t-online orange libero proton".split(" ")),
  );
  expect(ids("self-hosted")).toEqual("stalwart dovecot docker-mailserver cyrus generic".split(" "));
  expect(findPreset("fastmail")?.name).toBe("Fastmail");
  expect(findPreset("constructor")).toBeUndefined();
});

test.each(rows)("%s is one bundle: sign-in and mail lie in its provider's own domains", (id, preset) => {
  const own = OWN_DOMAINS[id] ?? [];
  const hosts: string[] = [];
  if (preset.kind === "oauth") {
    const { issuer, endpoints } = preset.oauth;
    hosts.push(...[issuer, ...Object.values(endpoints)].map((address) => new URL(address ?? "").hostname));
  }
  if (preset.kind !== "self-hosted" && preset.mail !== undefined) {
    const servers = [preset.mail.imap, preset.mail.pop3, preset.mail.smtp].filter((one) => one !== undefined);
    hosts.push(
      ...servers.flatMap((server) => [server, ...(server.alternatives ?? [])].map(({ host }) => host)),
    );
  }
  const foreign = hosts.filter((host) => !own.some((domain) => `.${host}`.endsWith(`.${domain}`)));
  expect(foreign).toEqual([]);
});

/** Written down apart from the presets, so that a slip there is not a slip here. */
const OWN_DOMAINS: Readonly<Record<string, readonly string[]>> = {
  google: ["google.com", "googleapis.com", "gmail.com"],
  "microsoft-365": ["microsoftonline.com", "office365.com"],
  "outlook-com": ["microsoftonline.com", "office365.com", "outlook.com"],
  "microsoft-gcc-high": ["microsoftonline.us", "office365.us"],
  "microsoft-dod": ["microsoftonline.us", "office365.us"],
  "microsoft-china": ["microsoftonline.cn", "partner.outlook.cn"],
  yahoo: ["yahoo.com"],
  aol: ["aol.com"],
  att: ["yahoo.com", "att.net"],
  fastmail: ["fastmail.com"],
  yandex: ["yandex.com"],
  "mail-ru": ["mail.ru"],
  seznam: ["seznam.cz"],
  comcast: ["xfinity.com", "comcast.net"],
  zoho: ["zoho.com"],
  "zoho-eu": ["zoho.eu"],
  "zoho-in": ["zoho.in"],
  "zoho-au": ["zoho.com.au"],
  "zoho-jp": ["zoho.jp"],
  "zoho-ca": ["zohocloud.ca"],
  "zoho-cn": ["zoho.com.cn"],
  thundermail: ["tb.pro", "thundermail.com"],
  icloud: ["me.com"],
  gmx: ["gmx.net"],
  "gmx-com": ["gmx.com"],
  "web-de": ["web.de"],
  "mail-com": ["mail.com"],
  "1und1": ["1und1.de"],
  "t-online": ["t-online.de"],
  orange: ["orange.fr"],
  libero: ["libero.it"],
};

const mailSettings = passwordSettingsSchema.pick({ imap: true, smtp: true, imapUser: true, smtpUser: true });

test.each(rows)("%s gives settings that the contract takes", (_id, preset) => {
  const email = "alice.example@example.org";
  const mail = impliedMail(preset, email) ?? {
    imap: { host: "imap.example.org", port: 993, tls: "implicit" },
    smtp: { host: "smtp.example.org", port: 465, tls: "implicit" },
    imapUser: undefined,
    smtpUser: undefined,
  };
  if (preset.kind === "password") {
    expect(mailSettings.safeParse(mail).data).toBeDefined();
    return;
  }
  const { addresses, scope, redirectUri, mechanism } = impliedOAuth(preset);
  const settings = {
    kind: "oauth",
    email,
    issuer: addresses?.issuer ?? "https://login.example.org",
    ...(addresses === undefined ? {} : { endpoints: addresses.endpoints }),
    scope,
    redirectUri,
    mechanism,
    ...mail,
  };
  expect(newAccountSchema.safeParse(settings).error?.issues ?? []).toEqual([]);
});

test("a device flow has an endpoint, and an endpoint a device flow", () => {
  for (const preset of presets) {
    if (preset.kind !== "oauth") continue;
    const { device, endpoints } = preset.oauth;
    expect([preset.id, endpoints.deviceAuthorization !== undefined]).toEqual([
      preset.id,
      device.flow !== "none",
    ]);
  }
});

describe("no client of anybody's product", () => {
  const folder = resolve(import.meta.dirname, "../../../src/provider");
  const sources = globSync("**/*.ts", { cwd: folder }).map(
    (file) => [file, readFileSync(join(folder, file), "utf8")] as const,
  );

  it.each(sources)("stands in %s", (_file, source) => {
    expect(source).not.toMatch(/\d{6,}-[a-z0-9]{12,}\.apps\.googleusercontent\.com/);
    expect(source).not.toMatch(/GOCSPX-[\w-]{10,}/);
    expect(source).not.toMatch(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/i);
    expect(source).not.toMatch(/\bdj0yJmk9\w{10,}/);
    expect(source).not.toMatch(/\b1000\.[0-9A-Z]{20,}\b/);
    expect(source).not.toMatch(/["'`](?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})["'`]/i);
  });

  it("has a field, and the one field about secrets holds no secret", () => {
    for (const preset of presets) {
      walk(preset, (key, value) => {
        if (!/client_?id|secret/i.test(key) || typeof value === "object") return;
        if (key in preset.quirks || key in preset.facts) return;
        expect([key, value]).toEqual(["clientSecret", expect.stringMatching(/^(?:none|required|optional)$/)]);
      });
    }
  });

  it("is taken for one by the shapes that the guides check", () => {
    for (const preset of presets) {
      for (const { check } of preset.registration?.steps ?? []) {
        if (check?.kind !== "client-id-shape") continue;
        const shape = new RegExp(check.pattern);
        for (const text of ["", "CLIENT-ID", "https://example.org/", "a b", `${"a".repeat(5000)}!`]) {
          expect([preset.id, text.slice(0, 20), shape.test(text)]).toEqual([
            preset.id,
            text.slice(0, 20),
            false,
          ]);
        }
      }
    }
  });
});

test.each([
  ["google", "123456789012-abc0def1ghi2jkl3.apps.googleusercontent.com"],
  ["microsoft-365", "00000000-0000-4000-8000-00000000000A"],
  ["outlook-com", "00000000-0000-4000-8000-00000000000a"],
  ["yahoo", `dj0yJmk9${"Ab3".repeat(12)}-`],
  ["yandex", "0123456789abcdef0123456789abcdef"],
  ["zoho", "1000.ABCDEFGHIJKLMNOPQRSTUVWXYZ0123"],
])("the guide for %s takes a client id of its provider's shape", (id, clientId) => {
  const checks = findPreset(id)?.registration?.steps.map(({ check }) => check) ?? [];
  const shape = checks.find((check) => check?.kind === "client-id-shape");
  expect(clientId).toMatch(new RegExp(shape?.kind === "client-id-shape" ? shape.pattern : "(?!)"));
});

test("Google's guide publishes the project, and names the short way for a private mailbox", () => {
  const { registration } = findPreset("google") ?? {};
  expect(registration?.steps.find(({ check }) => check?.kind === "published")?.title).toBe("Publish");
  expect(registration?.shortWay).toContain("app password");
});

test("what nobody has verified says so", () => {
  const zoho = findPreset("zoho");
  const scopes = zoho && explainValues(zoho).find(({ path }) => path === "oauth.scopes.imap");
  expect(scopes).toMatchObject({ value: ["ZohoMail.IMAP"], fact: { verified: false } });
  expect(zoho && unverifiedPaths(zoho)).toContain("oauth.scopes");
  const google = findPreset("google");
  const token = google && explainValues(google).find(({ path }) => path === "oauth.endpoints.token");
  expect(token?.fact?.verified).toBe(true);
});
