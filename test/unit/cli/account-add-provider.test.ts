// `postern account add` for mailboxes at providers that Postern knows: which way in a person is shown, and which hosts they
// are asked about.
import { describe, expect, test } from "vitest";
import { systemClock } from "../../../src/clock/clock.ts";
import type { Discovery } from "../../../src/control/contract.ts";
import { discover } from "../../../src/discovery/discover.ts";
import { add, EMAIL, FOUND } from "./account-add-rig.ts";

const GMAIL = [
  ...["--imap", "imap.gmail.com:993", "--imap-tls", "implicit"],
  ...["--smtp", "smtp.gmail.com:465", "--smtp-tls", "implicit"],
];

const unexpected = async (): Promise<never> => {
  throw new Error("nobody is asked for a provider that is known");
};

/** What the daemon finds: by the address, or by the host that receives the domain's mail. */
function find(email: string, receiver?: string): Promise<Discovery> {
  return discover(
    {
      resolveMail: async () => (receiver === undefined ? [] : [{ exchange: receiver, priority: 10 }]),
      resolveService: unexpected,
      fetch: unexpected,
      clock: systemClock,
      route: unexpected,
    },
    { email },
  );
}

describe("a provider that wants a client id", () => {
  test("is named, with the ways to one and the short way without", async () => {
    const email = "alice@gmail.com";
    const { exitCode, stdout, stderr, asked } = await add(await find(email), email);
    expect(exitCode).toBe(78);
    expect(stdout).toBe("");
    expect(asked.add).toEqual([]);
    const lines = stderr.split("\n");
    for (const line of [
      "  Provider Gmail and Google Workspace: the address's domain is one of its own, and its hosts are built into Postern",
      "  IMAP     imap.gmail.com:993 (TLS)",
      "  SMTP     smtp.gmail.com:465 (TLS)",
      "  Sign-in  https://accounts.google.com with oauth2.googleapis.com",
      "  postern provider register google",
      "  postern provider show google",
      "  postern account add alice@gmail.com --password",
      "  postern account add alice@gmail.com --client-id ID --client-secret-file FILE",
    ]) {
      expect(lines).toContain(line);
    }
    expect(stderr).toContain("https://myaccount.google.com/apppasswords");
    expect(stderr).toContain("not verified: ");
  });

  test("is told so in JSON too", async () => {
    const email = "alice@gmail.com";
    const { exitCode, stdout } = await add(await find(email), email, "--json");
    expect(exitCode).toBe(78);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: "discovery-incomplete" },
      missing: ["--client-id", "--client-secret-file"],
      register: "postern provider register google",
      show: "postern provider show google",
      password: "postern account add alice@gmail.com --password",
      command: "postern account add alice@gmail.com --client-id ID --client-secret-file FILE",
      discovery: { provider: "google", recognisedBy: "domain" },
    });
  });

  test("is not offered a password where it takes none", async () => {
    const email = "alice@outlook.com";
    const { stderr } = await add(await find(email), email);
    expect(stderr).toContain("  postern provider register outlook-com\n");
    expect(stderr).not.toContain("--password");
    expect(stderr).not.toContain("--client-secret-file");
  });

  test("keeps what a person named of the mailbox on the short way", async () => {
    const email = "alice@gmail.com";
    const { stderr } = await add(await find(email), email, "--local-user", "scanner", "--scope", "x");
    expect(stderr).toContain("  postern account add alice@gmail.com --local-user scanner --password\n");
  });

  test("has everything else from the preset once there is one, and nobody is asked about its hosts", async () => {
    const email = "alice@outlook.com";
    const { exitCode, stderr, asked } = await add(await find(email), email, "--client-id", "c1");
    expect(exitCode, stderr).toBe(0);
    expect(asked.add).toHaveLength(1);
    expect(asked.add[0]?.settings).toMatchObject({
      email,
      clientId: "c1",
      issuer: "https://login.microsoftonline.com/consumers/v2.0",
      endpoints: { token: "https://login.microsoftonline.com/consumers/oauth2/v2.0/token" },
      redirectUri: "http://localhost/callback",
      mechanism: "xoauth2",
      imap: { host: "outlook.office365.com", port: 993, tls: "implicit" },
      smtp: { host: "smtp-mail.outlook.com", port: 587, tls: "starttls" },
    });
    expect(stderr).toContain("Worth knowing:\n");
  });

  test("may be overruled in what a person names", async () => {
    const email = "alice@outlook.com";
    const words = ["--client-id", "c1", "--redirect-uri", "http://127.0.0.1/mine", "--mechanism", "auto"];
    const { asked } = await add(await find(email), email, ...words);
    expect(asked.add[0]?.settings).toMatchObject({ redirectUri: "http://127.0.0.1/mine", mechanism: "auto" });
  });

  test("is said to want the secret too, where a person has named the client id alone", async () => {
    const email = "alice@gmail.com";
    const { exitCode, stderr } = await add(await find(email), email, "--client-id", "c1");
    expect(exitCode).toBe(0);
    expect(stderr).toContain("--client-secret-file FILE");
  });
});

describe("a provider that DNS names", () => {
  test("is shown with all hosts, and used only when somebody agrees", async () => {
    const found = await find(EMAIL, "aspmx.l.google.com");
    const { exitCode, stderr, asked } = await add(found, EMAIL, "--client-id", "c1");
    expect(exitCode).toBe(78);
    expect(asked.add).toEqual([]);
    expect(stderr).toContain("DNS says that it receives the domain's mail");
    expect(stderr).toContain(
      "Not in the address's domain: imap.gmail.com, smtp.gmail.com, accounts.google.com, oauth2.googleapis.com",
    );
    expect(stderr).toContain(`  postern account add ${EMAIL} ${GMAIL.join(" ")} --client-id c1\n`);
  });

  test("is whom a person means who names both of its mail servers", async () => {
    const found = await find(EMAIL, "aspmx.l.google.com");
    const { exitCode, asked } = await add(found, EMAIL, ...GMAIL, "--client-id", "c1");
    expect(exitCode).toBe(0);
    expect(asked.add[0]?.settings).toMatchObject({
      imap: { host: "imap.gmail.com" },
      endpoints: { token: "https://oauth2.googleapis.com/token" },
    });
    const half = await add(found, EMAIL, ...GMAIL.slice(0, 4), "--client-id", "c1");
    expect(half.exitCode).toBe(78);
  });

  test("is used with --yes", async () => {
    const found = await find(EMAIL, "aspmx.l.google.com");
    const { exitCode, asked } = await add(found, EMAIL, "--client-id", "c1", "--yes");
    expect(exitCode).toBe(0);
    expect(asked.add[0]?.settings).toMatchObject({ issuer: "https://accounts.google.com", clientId: "c1" });
  });

  test("is asked about for a password too", async () => {
    const found = await find(EMAIL, "in1-smtp.messagingengine.com");
    const { exitCode, stderr } = await add(found, EMAIL, "--password");
    expect(exitCode).toBe(78);
    expect(stderr).toContain("Not in the address's domain: imap.fastmail.com, smtp.fastmail.com\n");
    expect(stderr).not.toContain("  Scope");
    expect(stderr).toContain(
      `  postern account add ${EMAIL} --imap imap.fastmail.com:993 --imap-tls implicit ` +
        "--smtp smtp.fastmail.com:465 --smtp-tls implicit --password\n",
    );
  });

  test("is named with the user name that it wants, since nothing is looked up after that", async () => {
    const found = await find(EMAIL, "mx.web.de");
    const { stderr } = await add(found, EMAIL);
    expect(stderr).toContain("--imap-user alice --smtp-user alice --password\n");
  });
});

describe("a mailbox that cannot be opened so", () => {
  test("because another program is the way to it", async () => {
    const email = "alice@proton.me";
    const { exitCode, stderr, asked } = await add(await find(email), email);
    expect(exitCode).toBe(78);
    expect(asked.add).toEqual([]);
    expect(stderr).toContain("Proton Mail Bridge: https://proton.me/mail/bridge");
  });

  test("because the provider takes no password", async () => {
    const email = "alice@outlook.com";
    const { exitCode, stderr, asked } = await add(await find(email), email, "--password");
    expect(exitCode).toBe(78);
    expect(asked.add).toEqual([]);
    expect(stderr).toContain("opens mailboxes with OAuth only. Since 16 September 2024");
  });

  test("because the provider takes nothing but passwords", async () => {
    const email = "alice@icloud.com";
    const { exitCode, stdout } = await add(await find(email), email, "--client-id", "c1", "--json");
    expect(exitCode).toBe(78);
    expect(JSON.parse(stdout)).toMatchObject({
      error: {
        code: "discovery-incomplete",
        action: "Do it with --password, and without what belongs to OAuth.",
      },
      discovery: { provider: "icloud" },
    });
  });
});

test("a password is offered for any mailbox whose servers were found, unless they take none", async () => {
  const offered = await add({ ...FOUND, registersClients: false }, EMAIL);
  expect(offered.stderr).toContain(
    `Or, where the provider takes a password:\n  postern account add ${EMAIL} --password\n`,
  );
  const refused = await add({ ...FOUND, registersClients: false, accepts: ["oauth"] }, EMAIL);
  expect(refused.stderr).not.toContain("--password");
});
