// `provider check` against whole providers: an authorization server over https and scripted mail servers, on real sockets.
import { describe, expect, test } from "vitest";
import { gmx } from "../../../src/provider/presets/gmx.ts";
import { proton } from "../../../src/provider/presets/proton.ts";
import { stalwart } from "../../../src/provider/presets/stalwart.ts";
import { checkProvider } from "../../../src/provider-check/check-provider.ts";
import type { Finding } from "../../../src/provider-check/findings.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { createOAuthPreset } from "../../support/provider-preset.ts";
import { greetOnly, imapUpstream, smtpUpstream } from "../../support/scripted-upstream.ts";
import { type ProviderWorld, prepareProviderWorlds } from "./provider-rig.ts";

const createWorld = prepareProviderWorlds();
const ISSUER = "https://accounts.example.test";
const METADATA = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  response_types_supported: ["code"],
  code_challenge_methods_supported: ["S256"],
  grant_types_supported: ["authorization_code", "refresh_token"],
};
const OPENID = "/.well-known/openid-configuration";
const RFC_8414 = "/.well-known/oauth-authorization-server";

const pathsOf = (findings: readonly Finding[]): string[] => findings.map(({ path }) => path);

function serve(documents: Readonly<Record<string, object>>) {
  return ({ url }: { url: URL }) =>
    documents[url.pathname] === undefined
      ? { status: 404 }
      : { status: 200, headers: { "content-type": "application/json" }, body: documents[url.pathname] };
}

async function createExample(metadata: object = METADATA): Promise<ProviderWorld> {
  const world = await createWorld();
  await world.putWeb("accounts.example.test", serve({ [OPENID]: metadata }));
  await world.putMail("imap.example.test:993", imapUpstream());
  await world.putSubmission("smtp.example.test:587", "SIZE 30000000\nAUTH XOAUTH2");
  return world;
}

describe("a provider that is as its preset says", () => {
  test("agrees, at the sign-in and at both mail servers, with nothing but GETs and no login", async () => {
    const world = await createWorld();
    const requests = await world.putWeb("accounts.example.test", serve({ [OPENID]: METADATA }));
    const imap = await world.putMail("imap.example.test:993", imapUpstream());
    const smtp = await world.putSubmission("smtp.example.test:587", "SIZE 30000000\nAUTH XOAUTH2");
    const report = await checkProvider(
      world.parts(),
      createOAuthPreset({ preset: { limits: { messageMegabytes: 25 } } }),
    );
    expect(report.differences).toEqual([]);
    expect(pathsOf(report.agreements)).toEqual(
      expect.arrayContaining(["oauth.issuer", "mail.imap", "mail.smtp", "limits.messageMegabytes"]),
    );
    expect(requests.map(({ method, url }) => `${method} ${url.href}`)).toEqual([`GET ${ISSUER}${OPENID}`]);
    for (const server of [imap, smtp]) {
      expect(server.received().toString("latin1")).not.toMatch(/AUTH|LOGIN |MAIL|USER/);
    }
  });

  test("is left in an orderly way", async () => {
    const world = await createExample();
    const imap = await world.putMail("imap.example.test:993", imapUpstream());
    await checkProvider(world.parts(), createOAuthPreset());
    await Promise.all(imap.connections.map(({ closed }) => closed));
    expect(imap.received().toString("latin1")).toMatch(/ LOGOUT\r\n$/);
  });

  test("may publish by RFC 8414 alone", async () => {
    const world = await createExample();
    await world.putWeb("accounts.example.test", serve({ [RFC_8414]: METADATA }));
    const preset = createOAuthPreset({ oauth: { discovery: "rfc8414" } });
    expect((await checkProvider(world.parts(), preset)).differences).toEqual([]);
  });
});

describe("a provider that has changed", () => {
  test("has its new token endpoint told, beside the old one", async () => {
    const world = await createExample({ ...METADATA, token_endpoint: "https://tokens.example.test/new" });
    const { differences } = await checkProvider(world.parts(), createOAuthPreset());
    expect(differences).toEqual([
      {
        verdict: "differs",
        path: "oauth.endpoints.token",
        sentence: "Its token_endpoint is another.",
        preset: `${ISSUER}/token`,
        live: "https://tokens.example.test/new",
      },
    ]);
  });

  test("calls itself by another issuer: that differs, and the rest is compared all the same", async () => {
    const world = await createExample({ ...METADATA, issuer: "https://new.example.test" });
    const { differences, agreements } = await checkProvider(world.parts(), createOAuthPreset());
    expect(pathsOf(differences)).toEqual(["oauth.issuer"]);
    expect(pathsOf(agreements)).toContain("oauth.endpoints.token");
  });

  test("names an endpoint without https: Postern would not use that", async () => {
    const world = await createExample({ ...METADATA, revocation_endpoint: "http://accounts.example.test/r" });
    const { differences } = await checkProvider(world.parts(), createOAuthPreset());
    expect(differences).toEqual([
      expect.objectContaining({ path: "oauth", live: expect.stringContaining("is not an https address") }),
    ]);
  });

  test("publishes nothing any more", async () => {
    const world = await createExample();
    await world.putWeb("accounts.example.test", () => ({ status: 404 }));
    const { differences } = await checkProvider(world.parts(), createOAuthPreset());
    expect(pathsOf(differences)).toEqual(["oauth.discovery"]);
  });

  test("no longer announces OAuth at its mail servers", async () => {
    const world = await createExample();
    await world.putMail("imap.example.test:993", imapUpstream({ capabilities: "IMAP4rev1 AUTH=PLAIN" }));
    await world.putSubmission("smtp.example.test:587", "AUTH PLAIN LOGIN");
    const { differences } = await checkProvider(world.parts(), createOAuthPreset());
    expect(pathsOf(differences)).toEqual(["mail.imap.accepts", "mail.smtp.accepts"]);
  });

  test.each([
    ["shows a certificate for another host", imapUpstream(), "other.example.test", /certificate|ALTNAME/],
    ["has SMTP where IMAP was", smtpUpstream(), undefined, /.+/],
  ])(
    "%s: that is a difference, not a failure of the network",
    async (_what, script, certificateFor, reason) => {
      const world = await createExample();
      await world.putMail("imap.example.test:993", script, certificateFor);
      const { differences } = await checkProvider(world.parts(), createOAuthPreset());
      expect(differences).toEqual([
        expect.objectContaining({ path: "mail.imap", live: expect.stringMatching(reason) }),
      ]);
    },
  );

  test("has no STARTTLS any more", async () => {
    const world = await createExample();
    await world.putPlain("smtp.example.test:587", smtpUpstream());
    const { differences } = await checkProvider(world.parts(), createOAuthPreset());
    expect(differences).toEqual([expect.objectContaining({ path: "mail.smtp" })]);
  });
});

describe("what could not be asked", () => {
  test("is told as such, and is no difference", async () => {
    const world = await createWorld();
    const { differences, agreements, notAsked } = await checkProvider(world.parts(), createOAuthPreset());
    expect([differences, agreements]).toEqual([[], []]);
    expect(pathsOf(notAsked)).toEqual(["oauth", "mail.imap", "mail.smtp"]);
  });

  test("a sign-in server that is out of order is not one without metadata", async () => {
    const world = await createExample();
    await world.putWeb("accounts.example.test", () => ({ status: 503, body: "later" }));
    const { differences, notAsked } = await checkProvider(world.parts(), createOAuthPreset());
    expect(differences).toEqual([]);
    expect(pathsOf(notAsked)).toEqual(["oauth"]);
  });

  test.each([403, 401])("nor is one that turns robots away with %i", async (status) => {
    const world = await createExample();
    await world.putWeb("accounts.example.test", () => ({ status }));
    const { differences, notAsked } = await checkProvider(world.parts(), createOAuthPreset());
    expect(differences).toEqual([]);
    expect(pathsOf(notAsked)).toEqual(["oauth"]);
  });

  test("a mail server that says nothing is left after ten seconds, with the connection closed", async () => {
    const world = await createExample();
    const silent = await world.putMail("imap.example.test:993", greetOnly(""));
    const clock = createFakeClock();
    const checking = checkProvider(world.parts(clock), createOAuthPreset());
    await silent.connected(1);
    await clock.advance(10_000);
    const { differences, notAsked } = await checking;
    expect(differences).toEqual([]);
    expect(notAsked).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ path: "mail.imap", sentence: expect.stringContaining("10 seconds") }),
      ]),
    );
    await silent.connections[0]?.closed;
  });
});

describe("of what kind a provider is", () => {
  test("one with passwords is asked for its mail servers only, POP3 included", async () => {
    const world = await createWorld();
    const report = await checkProvider(world.parts(), gmx);
    expect(report.differences).toEqual([]);
    const hosts = world.internet.asked.map((place) => place.split(":")[0]);
    expect(new Set(hosts)).toEqual(new Set([gmx.mail?.imap.host, gmx.mail?.pop3?.host, gmx.mail?.smtp.host]));
  });

  test("a POP3 server proves itself by its greeting", async () => {
    const world = await createExample();
    const preset = createOAuthPreset();
    const pop3 = { ...preset.mail.imap, host: "pop.example.test", port: 995 };
    const withPop3 = { ...preset, mail: { ...preset.mail, pop3 } };
    await world.putMail("pop.example.test:995", greetOnly("+OK ready\r\n"));
    expect(pathsOf((await checkProvider(world.parts(), withPop3)).agreements)).toContain("mail.pop3");
    await world.putMail("pop.example.test:995", greetOnly("* OK IMAP here\r\n"));
    expect(pathsOf((await checkProvider(world.parts(), withPop3)).differences)).toEqual(["mail.pop3"]);
  });

  test("alternatives are asked too", async () => {
    const world = await createExample();
    const preset = createOAuthPreset();
    const smtp = {
      ...preset.mail.smtp,
      alternatives: [{ host: "smtp.example.test", port: 465, tls: "implicit" as const }],
    };
    await world.putMail("smtp.example.test:465", smtpUpstream({ capabilities: "AUTH PLAIN" }));
    const { differences } = await checkProvider(world.parts(), { ...preset, mail: { ...preset.mail, smtp } });
    expect(pathsOf(differences)).toEqual(["mail.smtp.alternatives.0.accepts"]);
  });

  test.each([stalwart, proton])("$name has nothing to be asked, and nobody is", async (preset) => {
    const world = await createWorld();
    const report = await checkProvider(world.parts(), preset);
    expect(pathsOf(report.notAsked)).toEqual(["mail"]);
    expect(world.internet.asked).toEqual([]);
  });
});
