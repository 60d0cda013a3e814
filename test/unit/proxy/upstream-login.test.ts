import { afterEach, describe, expect, test } from "vitest";
import { PosternError } from "../../../src/errors/postern-error.ts";
import { failureOf } from "../../support/failure-of.ts";
import { sendImap, sendSmtp } from "../../support/raw-client.ts";
import { type ScriptedServer, startScriptedServer } from "../../support/scripted-server.ts";
import { imapUpstream, smtpUpstream, type UpstreamLogin } from "../../support/scripted-upstream.ts";
import {
  currentFailure,
  type ProxyRig,
  type RigOptions,
  startProxyRig,
  trustedCertificate,
} from "./proxy-rig.ts";

const OWN = "alias@example.com";
const IDENTITY = "alice@example.com";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function start(options: RigOptions): Promise<ProxyRig> {
  const rig = await startProxyRig(options);
  open.push(rig);
  return rig;
}

/** A rig whose servers know only `users`. */
async function startWithUsers(users: readonly string[], options: RigOptions = {}) {
  const logins: UpstreamLogin[] = [];
  const accept = ({ user }: { user: string }): boolean => users.includes(user);
  const rig = await start({
    imap: imapUpstream({ logins, accept }),
    smtp: smtpUpstream({ logins, accept }),
    ...options,
  });
  const asked = (): string[] => logins.splice(0).map(({ user, accessToken }) => `${user} ${accessToken}`);
  return { rig, asked };
}

describe("a shared mailbox", () => {
  const shared = { email: "info@example.com", owner: "alice@example.com" };

  test("is read under its own name, and sent from under the delegate's", async () => {
    const { rig, asked } = await startWithUsers(["info@example.com", "alice@example.com"], {
      account: shared,
    });
    expect(await sendImap(await rig.loggedIn("imap"), "NOOP")).toBe("OK NOOP done");
    expect(asked()).toEqual(["info@example.com token-1"]);
    expect(await sendSmtp(await rig.loggedIn("smtp"), "NOOP")).toBe("250 2.0.0 NOOP done");
    expect(asked()).toEqual(["alice@example.com token-1"]);
  });

  test("goes under the names that a person chose", async () => {
    const { rig, asked } = await startWithUsers(["info", "al"], {
      account: { ...shared, imapUser: "info", smtpUser: "al" },
      alternative: "nobody@example.com",
    });
    await rig.loggedIn("imap");
    await sendSmtp(await rig.loggedIn("smtp"), "NOOP");
    expect(asked()).toEqual(["info token-1", "al token-1"]);
  });
});

describe("an alias", () => {
  test("is refused once; the name that the provider knows is tried with a new token, and is the first from then on", async () => {
    const { rig, asked } = await startWithUsers([IDENTITY], {
      account: { email: OWN },
      alternative: IDENTITY,
    });
    await rig.loggedIn("imap");
    expect(asked()).toEqual([`${OWN} token-1`, `${IDENTITY} token-2`]);
    expect([...rig.remembered]).toEqual([["imap", IDENTITY]]);
    expect(rig.logins.user(rig.account, "imap")).toBe(IDENTITY);
    await rig.loggedIn("imap");
    expect(asked()).toEqual([`${IDENTITY} token-2`]);
    await sendSmtp(await rig.loggedIn("smtp"), "NOOP");
    expect(asked()).toEqual([`${OWN} token-2`, `${IDENTITY} token-3`]);
    expect(currentFailure(rig)).toBeUndefined();
  });

  test("that is refused under both names costs two tries, a pause, and says so", async () => {
    const { rig, asked } = await startWithUsers([], { account: { email: OWN }, alternative: IDENTITY });
    expect(await rig.attempt()).toMatch(/^NO \[UNAVAILABLE\] /);
    expect(await rig.attempt()).toMatch(/^NO \[UNAVAILABLE\] /);
    expect(asked()).toHaveLength(2);
    expect(currentFailure(rig)?.code).toBe("upstream-refused");
  });

  test("that was remembered and is no longer known is given up after a login that was refused twice", async () => {
    const { rig, asked } = await startWithUsers([OWN], { account: { email: OWN }, alternative: IDENTITY });
    rig.remembered.set("imap", IDENTITY);
    expect(await rig.attempt()).toMatch(/^NO /);
    expect(asked()).toEqual([`${IDENTITY} token-1`, `${IDENTITY} token-2`]);
    await rig.clock.advance(30_000);
    await rig.loggedIn("imap");
    expect(asked()).toEqual([`${IDENTITY} token-2`, `${OWN} token-3`]);
    await rig.loggedIn("imap");
    expect(asked()).toEqual([`${OWN} token-3`]);
  });

  test("whose name has worked is not given up for a token that was revoked", async () => {
    let revoked = "";
    const logins: UpstreamLogin[] = [];
    const rig = await start({
      account: { email: OWN },
      alternative: IDENTITY,
      imap: imapUpstream({
        logins,
        accept: ({ user, accessToken }) => user === OWN && accessToken !== revoked,
      }),
    });
    await rig.loggedIn("imap");
    revoked = "token-1";
    await rig.loggedIn("imap");
    expect(logins.map(({ user, accessToken }) => `${user} ${accessToken}`)).toEqual([
      `${OWN} token-1`,
      `${OWN} token-1`,
      `${OWN} token-2`,
    ]);
  });
});

describe("an account whose hosts have changed", () => {
  async function startAtEvil(): Promise<{ rig: ProxyRig; evil: ScriptedServer }> {
    const evil = await startScriptedServer({ tls: await trustedCertificate(), script: imapUpstream() });
    open.push(evil);
    const server = { host: "localhost", port: evil.port, tls: "implicit" } as const;
    const rig = await start({
      account: { imap: server, smtp: server },
      async checkHosts(account) {
        throw new PosternError("account-hosts-changed", { detail: account.imap.host });
      },
      route() {
        throw new Error("nobody asks for the way there");
      },
    });
    return { rig, evil };
  }

  test("is told to the mail program; nobody connects to the new hosts, and no token is fetched (G1)", async () => {
    const { rig, evil } = await startAtEvil();
    expect(await rig.attempt()).toBe("NO [UNAVAILABLE] The account's servers have changed; see Postern");
    const smtp = await rig.loggedIn("smtp");
    expect(await sendSmtp(smtp, "MAIL FROM:<a@example.com>")).toMatch(/^450 4\.3\.5 The account's servers/);
    expect(evil.connections).toHaveLength(0);
    expect(rig.tokens).toEqual([]);
  });

  test("is not asked what it announces at EHLO either", async () => {
    const { rig, evil } = await startAtEvil();
    expect((await failureOf(rig.logins.smtpKeywords(rig.account))).code).toBe("account-hosts-changed");
    expect(await rig.keywords.lists([rig.account])).toEqual([]);
    expect(evil.connections).toHaveLength(0);
  });
});

describe("the way to a mail server", () => {
  test("is asked for with the server's own host and port, and a login that it leads nowhere fails as the proxy says", async () => {
    const asked: string[] = [];
    const rig = await start({
      async route(host, port) {
        asked.push(`${host}:${port}`);
        throw new PosternError("proxy-invalid");
      },
    });
    expect(await rig.attempt()).toMatch(/^NO \[UNAVAILABLE\] The proxy setting needs attention/);
    expect(asked).toEqual([`localhost:${rig.imap.port}`]);
    expect(currentFailure(rig)?.code).toBe("proxy-invalid");
    expect(rig.imap.connections).toHaveLength(0);
  });
});

describe("IMAP that is switched off", () => {
  test("is said, without a second try with another token", async () => {
    const rig = await start({
      imap: imapUpstream({
        accept: () => false,
        refusal:
          "NO [ALERT] Your account is not enabled for IMAP use. Please visit your account settings page",
      }),
    });
    expect(await rig.attempt()).toBe(
      "NO [UNAVAILABLE] IMAP is disabled for this mailbox; ask your administrator",
    );
    expect(rig.tokens).toEqual(["token-1"]);
    expect(currentFailure(rig)?.code).toBe("upstream-imap-disabled");
  });
});
