// An address alone, at a real mail server that nobody configured: Dovecot says which authorization server it believes, and
// that one registers Postern.
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../src/clock/clock.ts";
import { discover } from "../../src/discovery/discover.ts";
import { createMailResolver } from "../../src/discovery/mail-resolver.ts";
import { createServiceResolver } from "../../src/discovery/service-resolver.ts";
import { dial } from "../../src/mail/dial/dial.ts";
import { probeImapServer } from "../../src/mail/imap/probe.ts";
import { DIRECT } from "../../src/network/route.ts";
import { registerClient } from "../../src/oauth/client/registration.ts";
import { type DnsServer, startDnsServer } from "../support/dns-server.ts";
import { startDovecot } from "../support/dovecot.ts";
import { createDirectory, type Shared, startShared } from "../support/introspected-servers.ts";
import { describeWithRealServers, type RealServers, startRealServers } from "../support/real-servers.ts";
import { trustInThisProcess } from "../support/trust.ts";

describeWithRealServers("an address alone", () => {
  let real: RealServers;
  let dns: DnsServer;
  beforeAll(async () => {
    real = await startRealServers({ people: [{ email: "alice@localhost", password: "secret" }] });
    trustInThisProcess(real.authority);
    const at = (port: number) => [{ target: "localhost", port }];
    dns = await startDnsServer({
      services: {
        "_imaps._tcp.localhost": at(real.dovecot.imapsPort),
        "_submission._tcp.localhost": at(real.postfix.submissionPort),
      },
    });
  });
  afterAll(async () => {
    await dns.close();
    await real.stop();
  });

  test("finds Dovecot, Postfix and the authorization server, which registers Postern", async () => {
    const found = await discover(
      {
        resolveService: createServiceResolver({ POSTERN_DNS_SERVER: dns.address }),
        resolveMail: createMailResolver({ POSTERN_DNS_SERVER: dns.address }),
        fetch,
        clock: systemClock,
        route: async () => DIRECT,
      },
      { email: "alice@localhost" },
    );
    expect(found).toMatchObject({
      imap: { host: "localhost", port: real.dovecot.imapsPort, tls: "implicit" },
      smtp: { host: "localhost", port: real.postfix.submissionPort, tls: "starttls" },
      issuer: real.authorizationServer.issuer,
      scope: "mail openid email offline_access",
      registersClients: true,
    });
    const { clientId } = await registerClient(fetch, found.issuer ?? "", {
      redirectUri: "http://127.0.0.1/callback",
      scope: found.scope ?? "",
      clientName: "Postern",
    });
    expect(clientId).not.toBe("");
  });
});

describeWithRealServers("Dovecot, asked without a token", () => {
  let shared: Shared;
  beforeAll(async () => {
    shared = await startShared();
    trustInThisProcess(shared.authority);
  });
  afterAll(() => shared.stop());

  test.each([
    [["oauthbearer", "xoauth2"], "invalid_token"],
    [["oauthbearer"], "invalid_token"],
    [["xoauth2"], "401"],
  ] as const)("with %j names its authorization server, and logs nobody in", async (mechanisms, status) => {
    const dovecot = await startDovecot({
      directory: await createDirectory(shared),
      authority: shared.authority,
      introspectionUrl: shared.introspectionUrl,
      openidConfigurationUrl: shared.openidConfigurationUrl,
      mechanisms,
    });
    try {
      for (const [port, tls] of [
        [dovecot.imapsPort, "implicit"],
        [dovecot.imapPort, "starttls"],
      ] as const) {
        const { transport } = await dial({ host: "localhost", port, tls }, systemClock, DIRECT);
        const probed = await probeImapServer(transport, systemClock);
        expect(await probed.askForChallenge("localhost", port)).toMatchObject({
          status,
          openidConfiguration: shared.openidConfigurationUrl,
        });
        probed.logOut();
      }
      expect(await dovecot.log()).not.toMatch(/Login: user=/);
    } finally {
      await dovecot.stop();
    }
  });
});
