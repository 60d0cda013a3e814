// `postern account add`: what is looked up, what a person named, what is missing.
import { describe, expect, test } from "vitest";
import type { Discovery } from "../../../src/control/contract.ts";
import { add, EMAIL, FOUND, IMAP, SMTP, UNKNOWN } from "./account-add-rig.ts";

/** Everything that makes looking up needless. */
const NAMED = [
  ...["--imap", "imap.example.test:993", "--smtp", "smtp.example.test:587"],
  ...["--issuer", "https://login.example.test", "--client-id", "c1"],
];

describe("an address alone", () => {
  test("is enough: what was found is shown, then used, and Postern registers itself", async () => {
    const { exitCode, stdout, stderr, asked } = await add(FOUND, EMAIL);
    expect(exitCode, stderr).toBe(0);
    expect(asked.discover).toEqual([{ email: EMAIL }]);
    expect(asked.add).toEqual([
      {
        settings: {
          kind: "oauth",
          email: EMAIL,
          imap: IMAP,
          smtp: SMTP,
          issuer: "https://login.example.test",
          scope: "mail openid",
          redirectUri: "http://127.0.0.1/callback",
          mechanism: "auto",
        },
      },
    ]);
    expect(stdout).toBe(`Added ${EMAIL}. Next, sign in: postern login ${EMAIL}\n`);
    for (const line of [...FOUND.trail, "imap.example.test:993 (TLS)", "smtp.example.test:587 (STARTTLS)"]) {
      expect(stderr).toContain(line);
    }
    expect(stderr).toContain("https://login.example.test, where Postern registers itself now");
  });

  test("gives the account as JSON, and nothing else on standard output", async () => {
    const { stdout } = await add(FOUND, EMAIL, "--json");
    expect(JSON.parse(stdout)).toMatchObject({ email: EMAIL });
  });
});

describe("what a person names", () => {
  test("stands, whatever is found", async () => {
    const { asked } = await add(
      FOUND,
      EMAIL,
      ...["--imap", "other.example.test:143", "--issuer", "https://named.example.test"],
      ...["--client-id", "c1", "--scope", "imap", "--mechanism", "xoauth2"],
    );
    const imap = { host: "other.example.test", port: 143, tls: "starttls" };
    expect(asked.discover).toEqual([{ email: EMAIL, imap, issuer: "https://named.example.test" }]);
    expect(asked.add[0]?.settings).toMatchObject({
      imap,
      smtp: SMTP,
      issuer: "https://named.example.test",
      clientId: "c1",
      scope: "imap",
      mechanism: "xoauth2",
    });
  });

  test("in full makes nothing be looked up", async () => {
    const { exitCode, asked } = await add(FOUND, EMAIL, ...NAMED);
    expect(exitCode).toBe(0);
    expect(asked.discover).toEqual([]);
    expect(asked.add[0]?.settings).toMatchObject({ clientId: "c1", scope: "openid email offline_access" });
  });

  test("may be who signs in for a shared mailbox, and every other name", async () => {
    const { asked } = await add(
      FOUND,
      EMAIL,
      ...NAMED,
      ...["--owner", "bob@example.test", "--imap-user", "a", "--smtp-user", "b", "--local-user", "scanner"],
      ...["--redirect-uri", "https://apps.example.test/done"],
      ...[
        "--authorization-endpoint",
        "https://login.example.test/a",
        "--token-endpoint",
        "https://login.example.test/t",
      ],
      ...["--device-authorization-endpoint", "https://login.example.test/d"],
      ...["--revocation-endpoint", "https://login.example.test/r"],
    );
    expect(asked.add[0]?.settings).toMatchObject({
      owner: "bob@example.test",
      imapUser: "a",
      smtpUser: "b",
      localUser: "scanner",
      redirectUri: "https://apps.example.test/done",
      endpoints: {
        authorization: "https://login.example.test/a",
        token: "https://login.example.test/t",
        deviceAuthorization: "https://login.example.test/d",
        revocation: "https://login.example.test/r",
      },
    });
  });

  test.each([
    ["a secret without a client id", ["--client-secret-file", "/dev/null"], "--client-secret-file goes with"],
    ["a TLS mode without a server", ["--imap-tls", "implicit"], "--imap-tls goes with --imap"],
    ["one endpoint of two", ["--token-endpoint", "https://a.test/t"], "go together"],
    [
      "a revocation endpoint alone",
      ["--revocation-endpoint", "https://a.test/r"],
      "need --authorization-endpoint",
    ],
    ["an owner that is no address", ["--owner", "bob"], "--owner is not a mail address"],
    ["a local user with an @", ["--local-user", "a@b"], "--local-user is one word without @"],
    [
      "a redirect to another machine by http",
      ["--redirect-uri", "http://a.test/"],
      "--redirect-uri is an address",
    ],
    ["an issuer by http", ["--issuer", "http://a.test"], "--issuer must be an https URL"],
    ["a password and a client id", ["--password", "--client-id", "c1"], "does not go with --client-id"],
    ["a password and an issuer", ["--password", "--issuer", "https://a.test"], "does not go with --issuer"],
    ["a password and an owner", ["--password", "--owner", "b@example.test"], "does not go with --owner"],
  ])("is refused before anybody is asked: %s", async (_what, words, text) => {
    const { exitCode, stderr, asked } = await add(FOUND, EMAIL, ...words);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(text);
    expect(asked).toEqual({ discover: [], add: [] });
  });
});

describe("what could not be found", () => {
  test("is named, with the command that completes it", async () => {
    const { exitCode, stdout, stderr, asked } = await add(
      { ...FOUND, registersClients: false },
      EMAIL,
      "--local-user",
      "scanner",
    );
    expect(exitCode).toBe(78);
    expect(stdout).toBe("");
    expect(asked.add).toEqual([]);
    expect(stderr).toContain(
      "--client-id  a client id: this issuer does not let programs register themselves",
    );
    expect(stderr).toContain(
      `postern account add ${EMAIL} --imap imap.example.test:993 --imap-tls implicit --smtp smtp.example.test:587 ` +
        "--smtp-tls starttls --issuer https://login.example.test --scope 'mail openid' --local-user scanner --client-id ID",
    );
  });

  test("is all of it where nothing answered", async () => {
    const { exitCode, stderr } = await add(UNKNOWN, EMAIL);
    expect(exitCode).toBe(78);
    expect(stderr).toContain("Found:\n  nothing\n");
    expect(stderr).toContain(
      `postern account add ${EMAIL} --imap HOST:PORT --smtp HOST:PORT --issuer URL --client-id ID`,
    );
  });

  test("is what to ask for, where the issuer names nothing that is known", async () => {
    const { exitCode, stderr } = await add({ ...FOUND, scope: undefined }, EMAIL);
    expect(exitCode).toBe(78);
    expect(stderr).toContain("--scope  what to ask for");
  });

  test("is JSON for who asked for JSON, with everything that was found", async () => {
    const discovery = { ...FOUND, registersClients: false };
    const { exitCode, stdout } = await add(discovery, EMAIL, "--json");
    expect(exitCode).toBe(78);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: "discovery-incomplete", temporary: false },
      discovery,
      missing: ["--client-id"],
      command: expect.stringContaining("--client-id ID"),
    });
  });

  test("is left to the registration, where a person names an issuer that does not answer now", async () => {
    const { issuer: _none, scope: _no, ...silent } = { ...FOUND, registersClients: false };
    const { asked } = await add(silent, EMAIL, "--issuer", "https://login.example.test");
    expect(asked.add[0]?.settings).toMatchObject({ issuer: "https://login.example.test" });
    expect(asked.add[0]?.settings).not.toHaveProperty("clientId");
  });
});

describe("hosts outside the address's domain", () => {
  const foreign: Discovery = {
    ...FOUND,
    imap: { host: "imap.hosting.test", port: 993, tls: "implicit" },
    issuer: "https://notexample.test/realms/x",
  };

  test("are not used unless a person agrees", async () => {
    const { exitCode, stderr, asked } = await add(foreign, EMAIL);
    expect(exitCode).toBe(78);
    expect(asked.add).toEqual([]);
    expect(stderr).toContain("Not in the address's domain: imap.hosting.test, notexample.test");
    expect(stderr).toContain("--imap imap.hosting.test:993");
  });

  test("are used where a person said yes before", async () => {
    const { exitCode, asked } = await add(foreign, EMAIL, "--yes");
    expect(exitCode).toBe(0);
    expect(asked.add[0]?.settings.imap).toEqual(foreign.imap);
  });

  test("are used where the person named them", async () => {
    const { exitCode } = await add(
      foreign,
      EMAIL,
      ...["--imap", "imap.hosting.test:993", "--issuer", "https://notexample.test/realms/x"],
    );
    expect(exitCode).toBe(0);
  });
});

test("the daemon's refusal is told as it is", async () => {
  const { exitCode, stderr } = await add(FOUND, "taken@example.test");
  expect(exitCode).toBe(4);
  expect(stderr).toContain("already");
});
