// The account test with imapflow and nodemailer as they are, against scripted servers and the mail proxy on real sockets.
import { afterEach, describe, expect, test } from "vitest";
import { conclude, type LegResult, testAccount } from "../../../../src/daemon/diagnose/account-test.ts";
import { PosternError } from "../../../../src/errors/postern-error.ts";
import { DIRECT, type ProxyRoute, parseProxy, type Route } from "../../../../src/network/route.ts";
import { accessToken, localPassword } from "../../../../src/secret/secret.ts";
import { describeWithProxies, startMicrosocks } from "../../../support/proxies.ts";
import { startRelayingProxy } from "../../../support/relaying-proxy.ts";
import type { ScriptedConnection } from "../../../support/scripted-server.ts";
import { imapUpstream, smtpUpstream, type UpstreamLogin } from "../../../support/scripted-upstream.ts";
import { type ProxyRig, type RigOptions, startProxyRig, trustedCertificate } from "../../proxy/proxy-rig.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function start(options: RigOptions = {}): Promise<ProxyRig> {
  const rig = await startProxyRig(options);
  open.push(rig);
  return rig;
}

interface TestOptions {
  readonly route?: Route;
  checkHosts?(): Promise<void>;
}

/** The result of each leg: "works", or the code of its failure. */
async function run(rig: ProxyRig, options: TestOptions = {}) {
  const results = await testAccount({
    account: rig.account,
    clock: rig.clock,
    checkHosts: options.checkHosts ?? (async () => {}),
    credential: async () => ({ kind: "bearer", accessToken: accessToken("direct-token") }),
    user: (protocol) => rig.logins.user(rig.account, protocol),
    route: async () => options.route ?? DIRECT,
    lendPassword: () => ({ password: localPassword("local-secret"), revoke: () => {} }),
    port: (protocol) => rig.proxy.port(protocol),
  });
  const codes = results.map(({ leg, failure }): [LegResult["leg"], string] => [
    leg,
    failure?.code ?? "works",
  ]);
  return { results, legs: Object.fromEntries(codes) };
}

const ALL_WORK = {
  "sign-in": "works",
  "imap-direct": "works",
  "smtp-direct": "works",
  "imap-local": "works",
  "smtp-local": "works",
};

async function withoutMailbox(connection: ScriptedConnection): Promise<void> {
  for (let refusals = 0; refusals < 2; ) {
    const [tag, verb = ""] = (await connection.readLine()).split(" ");
    if (/^(?:CAPABILITY|ID|LOGOUT)$/i.test(verb)) await connection.write(`${tag} OK done\r\n`);
    else {
      await connection.write(`${tag} BAD User is authenticated but not connected.\r\n`);
      refusals += 1;
    }
  }
  connection.end("* BYE Connection closed. 14\r\n");
}

describe("the account test", () => {
  test("signs in along all five legs, of a shared mailbox under both names, and changes nothing in it", async () => {
    const logins: UpstreamLogin[] = [];
    const said: string[] = [];
    const rig = await start({
      account: { email: "info@example.com", owner: "alice@example.com" },
      imap: imapUpstream({
        logins,
        async afterLogin(connection) {
          for (;;) {
            const [tag = "", verb = "", ...words] = (await connection.readLine()).split(" ");
            said.push([verb, ...words].join(" "));
            await connection.write(`${tag} OK ${verb} done\r\n`);
            if (verb === "LOGOUT") return;
          }
        },
      }),
      smtp: smtpUpstream({ logins }),
    });
    const { legs, results } = await run(rig);
    expect(legs).toEqual(ALL_WORK);
    expect(conclude(results)).toBe("Everything works.");
    expect(logins.map(({ user, accessToken: token }) => `${user} ${token}`)).toEqual([
      "info@example.com direct-token",
      "alice@example.com direct-token",
      "info@example.com token-1",
      "alice@example.com token-1",
    ]);
    for (const command of said)
      expect(command).toMatch(/^(?:CAPABILITY|ID|NAMESPACE|LIST|LSUB|EXAMINE|LOGOUT)\b/);
    expect(said.filter((command) => command.startsWith("EXAMINE"))).toHaveLength(2);
  });

  test.each(["IMAP4rev1 NAMESPACE ID", "IMAP4rev1"])(
    "finds out that there is no mailbox behind the login, directly and through Postern (%s)",
    async (capabilitiesAfter) => {
      const rig = await start({
        imap: imapUpstream({ capabilitiesAfter, afterLogin: withoutMailbox }),
      });
      const { legs, results } = await run(rig);
      expect(legs).toEqual({
        ...ALL_WORK,
        "imap-direct": "mailbox-not-connected",
        "imap-local": "mailbox-not-connected",
      });
      const [failure] = results.flatMap((result) => result.failure ?? []);
      expect(failure?.detail).toContain("User is authenticated but not connected");
    },
  );

  test("tells a refused submission login in the server's words, its challenge read", async () => {
    const rig = await start({ smtp: smtpUpstream({ accept: () => false }) });
    const { results } = await run(rig);
    const direct = results.find(({ leg }) => leg === "smtp-direct")?.failure;
    expect(direct?.code).toBe("test-refused");
    expect(direct?.detail).toContain("535 5.7.8 not this token (status invalid_token, scope mail)");
    expect(direct?.detail).not.toContain("334");
  });

  test("shows no token to anybody where the hosts have changed (G1)", async () => {
    const rig = await start();
    const { legs } = await run(rig, {
      checkHosts: async () => {
        throw new PosternError("account-hosts-changed");
      },
    });
    expect(legs["sign-in"]).toBe("account-hosts-changed");
    expect(Object.keys(legs)).toEqual(["sign-in", "imap-local", "smtp-local"]);
    expect(rig.imap.received().toString()).not.toContain(Buffer.from("direct-token").toString("base64"));
  });
});

describe("the direct legs", () => {
  for (const scheme of ["http", "https"] as const) {
    test(`go through the ${scheme} proxy that mail goes through`, async () => {
      const proxy = await startRelayingProxy(scheme === "https" ? await trustedCertificate() : undefined);
      open.push(proxy);
      const rig = await start();
      const route = parse(`${scheme}://me:pass%40word@localhost:${proxy.port}`);
      expect((await run(rig, { route })).legs).toEqual(ALL_WORK);
      expect(proxy.requests.map(([line]) => line)).toEqual([
        `CONNECT localhost:${rig.imap.port} HTTP/1.1`,
        `CONNECT localhost:${rig.smtp.port} HTTP/1.1`,
      ]);
      const login = `Proxy-Authorization: Basic ${Buffer.from("me:pass@word").toString("base64")}`;
      for (const lines of proxy.requests)
        expect(lines.map((line) => line.toLowerCase())).toContain(login.toLowerCase());
    });
  }

  test("fail where the proxy is not there, without its password in what is said", async () => {
    const rig = await start();
    const { legs, results } = await run(rig, { route: parse("http://me:geheimnis@127.0.0.1:1") });
    expect(legs).toEqual({ ...ALL_WORK, "imap-direct": "test-failed", "smtp-direct": "proxy-unreachable" });
    for (const { failure } of results)
      expect(`${failure?.message} ${failure?.detail}`).not.toContain("geheimnis");
  });
});

describeWithProxies("the direct legs, through microsocks", () => {
  test("go through a SOCKS proxy", async () => {
    const proxy = await startMicrosocks({ user: "me", password: "secret" });
    open.push({ close: () => proxy.stop() });
    const rig = await start();
    const route = parse(proxy.address.replace("//", "//me:secret@"));
    expect((await run(rig, { route })).legs).toEqual(ALL_WORK);
    expect(await proxy.tunnelsTo("localhost", rig.imap.port)).toBe(1);
    expect(await proxy.tunnelsTo("localhost", rig.smtp.port)).toBe(1);
  });
});

function parse(address: string): ProxyRoute {
  const proxy = parseProxy(address);
  if (proxy === undefined) throw new Error(`no proxy: ${address}`);
  return proxy;
}
