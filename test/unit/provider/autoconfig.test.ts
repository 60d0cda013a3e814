// Mail configurations as providers publish them, and as somebody would write them who means harm.
import { describe, expect, it, test } from "vitest";
import { type Autoconfig, preferredServer, readAutoconfig } from "../../../src/provider/autoconfig.ts";

const ALICE = "alice@example.org";

interface Server {
  readonly kind?: "incomingServer" | "outgoingServer";
  readonly type?: string;
  readonly hostname?: string;
  readonly port?: string;
  readonly socketType?: string;
  readonly username?: string;
  readonly authentication?: readonly string[];
}

function server(details: Server = {}): string {
  const { kind = "incomingServer", type = "imap", hostname = "imap.example.org", port = "993" } = details;
  const {
    socketType = "SSL",
    username = "%EMAILADDRESS%",
    authentication = ["password-cleartext"],
  } = details;
  return `
    <${kind} type="${type}">
      <hostname>${hostname}</hostname>
      <port>${port}</port>
      <socketType>${socketType}</socketType>
      <username>${username}</username>
      ${authentication.map((method) => `<authentication>${method}</authentication>`).join("\n      ")}
    </${kind}>`;
}

function document(servers: string, beside = "", inside = ""): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!-- Kept by the postmaster -->
<clientConfig version="1.1">
  <emailProvider id="example.org">
    <domain>example.org</domain>
    <displayName>Example Mail</displayName>
    <displayShortName>Example</displayShortName>${servers}
    ${inside}
    <documentation url="https://help.example.org/mail"><descr lang="en">How to</descr></documentation>
  </emailProvider>
  ${beside}
</clientConfig>`;
}

function oAuth2(
  details: { issuer?: string; scope?: string; authURL?: string; tokenURL?: string } = {},
): string {
  const { issuer = "login.example.org", scope = "imap smtp offline_access" } = details;
  const { authURL = "https://login.example.org/authorize", tokenURL = "https://login.example.org/token" } =
    details;
  return `<oAuth2>
    <issuer>${issuer}</issuer>
    <scope>${scope}</scope>
    <authURL>${authURL}</authURL>
    <tokenURL>${tokenURL}</tokenURL>
  </oAuth2>`;
}

function configurationOf(xml: string, email = ALICE): Autoconfig {
  const reading = readAutoconfig(xml, email);
  if (reading.kind === "refused") throw new Error(reading.reason);
  return reading.configuration;
}

describe("a provider's document", () => {
  const full = document(
    [
      server({ authentication: ["OAuth2", "password-cleartext"] }),
      server({ port: "143", socketType: "STARTTLS" }),
      server({ type: "pop3", hostname: "pop.example.org", port: "995" }),
      server({ type: "exchange", hostname: "ews.example.org", port: "443" }),
      server({
        kind: "outgoingServer",
        type: "smtp",
        hostname: "smtp.example.org",
        port: "587",
        socketType: "STARTTLS",
        authentication: ["OAuth2"],
      }),
      server({
        kind: "outgoingServer",
        type: "smtp",
        hostname: "smtp.example.org",
        port: "465",
        authentication: ["password-cleartext", "OAuth2"],
      }),
    ].join(""),
    oAuth2(),
  );

  it("gives servers in its order, with the address filled in, and hints for signing in", () => {
    const { name, servers, oauth, leftOut } = configurationOf(full);
    expect(name).toBe("Example Mail");
    expect(servers.map(({ protocol, host, port, tls }) => `${protocol} ${host}:${port} ${tls}`)).toEqual([
      "imap imap.example.org:993 implicit",
      "imap imap.example.org:143 starttls",
      "pop3 pop.example.org:995 implicit",
      "smtp smtp.example.org:587 starttls",
      "smtp smtp.example.org:465 implicit",
    ]);
    expect(servers[0]).toMatchObject({ userName: ALICE, authentication: ["oauth", "password"] });
    expect(oauth).toEqual({
      issuer: "https://login.example.org",
      scopes: ["imap", "smtp", "offline_access"],
      authorization: "https://login.example.org/authorize",
      token: "https://login.example.org/token",
    });
    expect(leftOut).toEqual([]);
  });

  it("prefers TLS from the start, among those that take the wanted sign-in", () => {
    const configuration = configurationOf(full);
    expect(preferredServer(configuration, "smtp", "oauth")?.port).toBe(465);
    expect(preferredServer(configuration, "imap", "password")?.port).toBe(993);
    expect(preferredServer(configuration, "pop3", "oauth")).toBeUndefined();
  });

  it("fills placeholders into user names and host names", () => {
    const { servers } = configurationOf(
      document(
        server({ hostname: "imap.%EMAILDOMAIN%", username: "%EMAILLOCALPART%" }) +
          server({ type: "pop3", username: "%EMAILDOMAIN%\\%EMAILLOCALPART%" }),
      ),
      "a$&b@bücher.example",
    );
    expect(servers.map(({ host, userName }) => [host, userName])).toEqual([
      ["imap.xn--bcher-kva.example", "a$&b"],
      ["imap.example.org", "bücher.example\\a$&b"],
    ]);
  });

  it("needs neither a name, nor hints, nor a user name, and takes a byte order mark", () => {
    const bare = `\uFEFF<clientConfig><emailProvider><incomingServer type="imap"><hostname>IMAP.Example.ORG</hostname>
      <port>993</port><socketType>SSL</socketType><authentication>OAuth2</authentication></incomingServer>
      </emailProvider></clientConfig>`;
    expect(configurationOf(bare)).toEqual({
      name: undefined,
      servers: [
        {
          protocol: "imap",
          host: "imap.example.org",
          port: 993,
          tls: "implicit",
          userName: ALICE,
          authentication: ["oauth"],
        },
      ],
      oauth: undefined,
      leftOut: [],
    });
  });

  it("takes hints from inside the provider's element, and an issuer that is an address already", () => {
    const inside = oAuth2({ issuer: "https://login.example.org/realms/mail" });
    expect(configurationOf(document(server(), "", inside)).oauth?.issuer).toBe(
      "https://login.example.org/realms/mail",
    );
  });

  it("reads XML's own entities and CDATA, and nothing in comments", () => {
    const { servers } = configurationOf(
      document(
        `<!-- ${server({ hostname: "evil.example" })} -->` +
          server({ username: "<![CDATA[%EMAILLOCALPART%]]>", hostname: "imap&#46;example.org" }),
      ).replace("Example Mail", "Fish &amp; Chips"),
    );
    expect(servers).toMatchObject([{ host: "imap.example.org", userName: "alice" }]);
  });
});

describe("what a server may not be", () => {
  it.each<[string, Server, RegExp]>([
    ["without encryption", { socketType: "plain", port: "143" }, /not encrypted/],
    ["of an unknown encryption", { socketType: "ssl" }, /not encrypted/],
    ["a host with a path", { hostname: "imap.example.org/evil" }, /no host name/],
    ["a host with a user", { hostname: "alice@imap.example.org" }, /no host name/],
    ["a host with a port", { hostname: "imap.example.org:1993" }, /no host name/],
    ["an address of the local network", { hostname: "192.168.0.1" }, /no host name/],
    ["an address in brackets", { hostname: "[::1]" }, /no host name/],
    ["a host with a space", { hostname: "imap example" }, /no host name/],
    ["no host", { hostname: "" }, /no host name/],
    ["port 0", { port: "0" }, /no port/],
    ["port 65536", { port: "65536" }, /no port/],
    ["port 993.5", { port: "993.5" }, /no port/],
    ["port 0x3e1", { port: "0x3e1" }, /no port/],
    ["no port", { port: "" }, /no port/],
    ["for tickets only", { authentication: ["GSSAPI", "NTLM"] }, /neither OAuth nor a password/],
    ["without any authentication", { authentication: [] }, /neither OAuth nor a password/],
    ["for a user name with a placeholder of somebody's own", { username: "%REALNAME%" }, /user name/],
    ["for a user name with a control character", { username: "a&#13;&#10;b" }, /user name/],
    ["for an empty user name", { username: "" }, /user name/],
  ])("%s", (_what, details, reason) => {
    const { servers, leftOut } = configurationOf(document(server(details)));
    expect(servers).toEqual([]);
    expect(leftOut).toEqual([expect.stringMatching(reason)]);
  });

  it("more than a few", () => {
    expect(configurationOf(document(server().repeat(300))).servers).toHaveLength(32);
  });

  it("a way to paint on the terminal of whoever reads why", () => {
    const { leftOut } = configurationOf(document(server({ hostname: "&#x202e;gro.elpmaxe/evil" })));
    expect(leftOut.join()).not.toContain("\u202e");
  });
});

describe("what hints for signing in may not be", () => {
  it.each([
    ["an issuer over http", { issuer: "http://login.example.org" }],
    ["an issuer that is no host", { issuer: "login.example.org/../evil?x" }],
    ["no issuer", { issuer: "" }],
    ["an authorization address over http", { authURL: "http://login.example.org/authorize" }],
    ["a file", { authURL: "file:///etc/passwd" }],
    ["a script", { authURL: "javascript:alert(1)" }],
    ["an address with a user", { tokenURL: "https://login.example.org@evil.example/token" }],
    ["an address with a query", { tokenURL: "https://login.example.org/token?next=evil" }],
    ["an address by number", { tokenURL: "https://127.0.0.1/token" }],
    ["a scope with a quote", { scope: 'mail "x"' }],
    ["a hundred scopes", { scope: "a ".repeat(100) }],
  ])("%s", (_what, details) => {
    const { oauth, leftOut, servers } = configurationOf(document(server(), oAuth2(details)));
    expect(oauth).toBeUndefined();
    expect(leftOut).toEqual([expect.stringMatching(/^The sign-in: /)]);
    expect(servers).toHaveLength(1);
  });
});

describe("what is not read at all", () => {
  const laughs = `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">
    ${Array.from({ length: 9 }, (_, level) => `<!ENTITY lol${level + 1} "${`&lol${level || ""};`.repeat(10)}">`).join("\n")}
    ]><clientConfig><emailProvider><displayName>&lol9;</displayName></emailProvider></clientConfig>`;

  it.each([
    ["entities that laugh a billion times", laughs, /document type/],
    [
      "a file as an entity",
      document(server({ hostname: "&file;" })).replace(
        "<clientConfig",
        '<!DOCTYPE clientConfig [<!ENTITY file SYSTEM "file:///etc/passwd">]><clientConfig',
      ),
      /document type/,
    ],
    ["a document type in small letters", `<!doctype html><clientConfig/>`, /document type/],
    ["an entity that nobody declared", document(server({ hostname: "&host;" })), /well-formed/],
    ["more than 256 KiB", document(`${server()}<!--${"x".repeat(262_144)}-->`), /larger than 256 KiB/],
    ["more than 256 KiB in few characters", document(`<!--${"€".repeat(90_000)}-->`), /larger than 256 KiB/],
    ["elements within elements", "<a>".repeat(40) + "</a>".repeat(40), /too deep/],
    ["twenty thousand of them", "<a>".repeat(20_000) + "</a>".repeat(20_000), /too deep/],
    ["those that pretend to end", '<a b="/>">'.repeat(40) + "</a>".repeat(40), /too deep/],
    ["those behind a quote", `<a b='>'>`.repeat(40) + "</a>".repeat(40), /too deep/],
    ["an element that does not end", "<clientConfig><emailProvider>", /well-formed/],
    ["two attributes of a name", `<clientConfig a="1" a="2"/>`, /well-formed/],
    ["a character that XML has not", "<clientConfig>&#0;</clientConfig>", /well-formed/],
    ["a web page", "<html><body>Sign in to the hotel's network</body></html>", /no mail configuration/],
    ["a configuration without a provider", "<clientConfig/>", /no mail configuration/],
    ["another kind of text", '{"imap": "imap.example.org"}', /well-formed/],
    ["nothing", "", /well-formed/],
  ])("%s", (_what, xml, reason) => {
    expect(readAutoconfig(xml, ALICE)).toEqual({ kind: "refused", reason: expect.stringMatching(reason) });
  });
});

test.each([
  ["comments that do not end", "<!--".repeat(65_000)],
  ["tags that do not end", "<a ".repeat(87_000)],
  ["quotes that do not end", `<a b="`.repeat(43_000)],
  ["references", `<clientConfig>${"&amp;".repeat(52_000)}</clientConfig>`],
  [
    "attributes",
    `<clientConfig ${Array.from({ length: 20_000 }, (_, index) => `a${index}="1"`).join(" ")}/>`,
  ],
  ["siblings", `<clientConfig>${"<a></a>".repeat(37_000)}</clientConfig>`],
  ["percent signs", document(server({ username: "%EMAIL".repeat(30_000) }))],
])("a document full of %s is done with in a moment", (_what, xml) => {
  const before = process.cpuUsage();
  readAutoconfig(xml, ALICE);
  const { user, system } = process.cpuUsage(before);
  expect(user + system).toBeLessThan(2_000_000);
});
