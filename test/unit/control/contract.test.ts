import { describe, expect, test } from "vitest";
import { contract, controlFileSchema, type Method } from "../../../src/control/contract.ts";

const SERVER = { host: "mail.example.com", port: 993, tls: "implicit" };
const SETTINGS = {
  kind: "oauth",
  email: "alice@example.com",
  issuer: "https://issuer.example",
  clientId: "client",
  scope: "mail offline_access",
  redirectUri: "http://127.0.0.1/callback",
  imap: SERVER,
  smtp: SERVER,
  mechanism: "auto",
};
const accepts = (method: Method, request: unknown): boolean =>
  contract[method].request.safeParse(request).success;
const add = (changes: Record<string, unknown>): boolean =>
  accepts("account.add", { settings: { ...SETTINGS, ...changes } });

describe("a request", () => {
  test.each<[Method, unknown]>([
    ["status", {}],
    ["account.add", { settings: SETTINGS }],
    ["account.add", { settings: SETTINGS, clientSecret: "secret" }],
    ["account.show", { email: "alice@example.com" }],
    ["password.create", { email: "alice@example.com", name: "Scanner, 2nd floor" }],
    ["settings.change", {}],
    ["settings.change", { imapPort: 0 }],
    ["settings.change", { authorityFile: null }],
    ["settings.change", { mailProxy: "socks5://user@proxy.example:1080" }],
    ["settings.change", { signInProxy: "http://[::1]:3128" }],
    ["account.add", { settings: { ...SETTINGS, clientId: undefined } }],
    ["account.change", { email: "a@example.com", changes: { localUser: null, tokenAccess: true } }],
  ])("to %s is taken: %j", (method, request) => {
    expect(accepts(method, request)).toBe(true);
  });

  test.each(Object.keys(contract) as Method[])(
    "to %s is refused with an unknown key or as no object",
    (method) => {
      const good = {
        provider: "google",
        check: "tenant-exists",
        email: "alice@example.com",
        name: "n",
        attemptId: "a",
        answer: "code",
        flow: "auto",
        browserHere: true,
        changes: {},
        hosts: [],
        revoke: false,
        what: "resumed",
        settings: SETTINGS,
      };
      const shape = Object.fromEntries(
        Object.entries(good).filter(([key]) =>
          contract[method].request
            .safeParse({ [key]: 0 })
            .error?.issues.every((issue) => issue.code !== "unrecognized_keys"),
        ),
      );
      expect(accepts(method, shape)).toBe(true);
      expect(accepts(method, { ...shape, preload: "evil.js" })).toBe(false);
      for (const other of [null, [], "x", 5, undefined]) expect(accepts(method, other)).toBe(false);
    },
  );

  test.each<[Method, unknown]>([
    ["account.show", {}],
    ["account.show", { email: 5 }],
    ["account.show", { email: "a".repeat(321) }],
    ["password.create", { email: "alice@example.com", name: "" }],
    ["password.create", { email: "alice@example.com", name: "   " }],
    ["password.create", { email: "alice@example.com", name: "a\nb" }],
    ["password.create", { email: "alice@example.com", name: "x".repeat(101) }],
    ["settings.change", { imapPort: 65_536 }],
    ["settings.change", { mailProxy: "http://user:password@proxy.example:3128" }],
    ["settings.change", { mailProxy: "proxy.example:3128" }],
    ["settings.change", { mailProxy: "ftp://proxy.example:21" }],
    ["account.change", { email: "a@example.com", changes: { imap: SERVER } }],
    ["account.change", { email: "a@example.com", changes: { tokenAccess: "yes" } }],
    ["sign-in.start", { email: "a@example.com", flow: "magic", browserHere: true }],
    ["sign-in.start", { email: "a@example.com", flow: "loopback", browserHere: true, redirectPort: 0 }],
    ["settings.change", { imapPort: -1 }],
    ["settings.change", { imapPort: 1.5 }],
    ["settings.change", { imapPort: "993" }],
    ["settings.change", { failureStyle: "harsh" }],
    ["sign-in.wait", { attemptId: "x".repeat(65) }],
    ["account.add", { settings: SETTINGS, clientSecret: "" }],
  ])("to %s is refused: %j", (method, request) => {
    expect(accepts(method, request)).toBe(false);
  });
});

describe("the settings of an account", () => {
  test.each<[string, unknown]>([
    ["email", "jürgen+tag@bücher.example"],
    ["issuer", "https://login.example/tenant/v2.0"],
    ["endpoints", { authorization: "https://a.example/x?y=z", token: "https://t.example" }],
    ["imap", { host: "127.0.0.1", port: 1, tls: "starttls" }],
    ["imap", { host: "::1", port: 65_535, tls: "implicit" }],
    ["scope", "https://outlook.office.com/IMAP.AccessAsUser.All offline_access"],
    ["redirectUri", "http://localhost/"],
    ["redirectUri", "http://[::1]:8400/callback"],
    ["redirectUri", "https://127.0.0.1/callback"],
    ["redirectUri", "https://oauth.yandex.ru/verification_code"],
    ["localUser", "scanner"],
    ["owner", "delegate@example.com"],
  ])("may have the %s %j", (key, value) => {
    expect(add({ [key]: value })).toBe(true);
  });

  test.each<[string, unknown]>([
    ["email", "alice"],
    ["email", "a@b@c"],
    ["email", "a @example.com"],
    ["email", "a\x01auth=Bearer evil\x01@example.com"],
    ["email", "a\r\n@example.com"],
    ["issuer", "http://issuer.example"],
    ["issuer", "file:///etc/passwd"],
    ["issuer", "javascript:alert(1)"],
    ["issuer", "issuer.example"],
    ["endpoints", { authorization: "https://a.example" }],
    ["endpoints", { authorization: "https://a.example", token: "http://t.example" }],
    ["endpoints", { authorization: "https://a.example", token: "https://t.example", more: "x" }],
    ["imap", { ...SERVER, host: "" }],
    ["imap", { ...SERVER, host: "evil.example/path" }],
    ["imap", { ...SERVER, host: "user@evil.example" }],
    ["imap", { ...SERVER, host: "a\nb" }],
    ["imap", { ...SERVER, host: "-rf" }],
    ["imap", { ...SERVER, port: 0 }],
    ["imap", { ...SERVER, port: 65_536 }],
    ["imap", { ...SERVER, tls: "none" }],
    ["smtp", { ...SERVER, rejectUnauthorized: false }],
    ["scope", ""],
    ["scope", "two  spaces"],
    ["scope", "a\r\nb"],
    ["redirectUri", "/callback"],
    ["redirectUri", "http://127.0.0.1"],
    ["redirectUri", "http://127.0.0.1/a?b"],
    ["redirectUri", "http://127.0.0.1/<script>"],
    ["redirectUri", "http://192.168.1.1/callback"],
    ["redirectUri", "http://127.0.0.1.evil.example/callback"],
    ["redirectUri", "https://user@evil.example/callback"],
    ["redirectUri", "javascript:alert(1)"],
    ["localUser", "a@b"],
    ["localUser", "two words"],
    ["localUser", "a\r\nb"],
    ["imapUser", "a\x01auth=Bearer evil"],
    ["smtpUser", ""],
    ["mechanism", "plain"],
    ["clientId", ""],
  ])("may not have the %s %j", (key, value) => {
    expect(add({ [key]: value })).toBe(false);
  });
});

describe("the answers", () => {
  test("have no field in which a token or client secret could leave, and refuse one that is put in", () => {
    const account = {
      ...SETTINGS,
      id: "id",
      hasClientSecret: true,
      tokenAccess: false,
      notices: [],
      status: { kind: "working", sentence: "Signed in." },
      signInsWaiting: 0,
      sessions: 0,
      passwords: [],
    };
    expect(contract["account.show"].response.safeParse(account).success).toBe(true);
    for (const leak of ["accessToken", "refreshToken", "clientSecret"]) {
      expect(contract["account.show"].response.safeParse({ ...account, [leak]: "x" }).success).toBe(false);
    }
  });
});

test.each([
  [{ endpoint: "/s", secret: "x".repeat(31), processId: 1 }],
  [{ endpoint: "", secret: "x".repeat(43), processId: 1 }],
  [{ endpoint: "/s", secret: "x".repeat(43), processId: "1" }],
  [{ endpoint: "/s", secret: "x".repeat(43), processId: 1, more: 1 }],
])("the control file %j is not believed", (file) => {
  expect(controlFileSchema.safeParse(file).success).toBe(false);
});
