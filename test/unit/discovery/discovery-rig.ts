// The domain example.test in a small internet: its DNS, its mail servers, its authorization server. A test puts there what
// it wants to be found.
import { type Clock, systemClock } from "../../../src/clock/clock.ts";
import { discover } from "../../../src/discovery/discover.ts";
import type { Discovery, DiscoveryRequest } from "../../../src/discovery/discovery.ts";
import { createMailResolver } from "../../../src/discovery/mail-resolver.ts";
import { createServiceResolver } from "../../../src/discovery/service-resolver.ts";
import type { IssuedCertificate } from "../../support/authority.ts";
import { type DnsServer, type DnsServerOptions, startDnsServer } from "../../support/dns-server.ts";
import { type Script, type ScriptedServer, startScriptedServer } from "../../support/scripted-server.ts";
import { smtpUpstream } from "../../support/scripted-upstream.ts";
import {
  type DocumentServer,
  type Documents,
  type SmallInternet,
  startSmallInternet,
} from "../../support/small-internet.ts";
import { prepareStage } from "../../support/stage.ts";

export const EMAIL = "alice.of.somewhere@example.test";
export const ISSUER = "https://login.example.test";
export const OPENID_PATH = "/.well-known/openid-configuration";

export interface World {
  readonly internet: SmallInternet;
  /** The names that DNS was asked for. */
  questions(): readonly string[];
  /** What has reached all scripted mail servers, as Latin-1. */
  received(): string;
  publish(documents: Documents): Promise<DocumentServer>;
  /** For a script that does STARTTLS itself. */
  certificateFor(host: string): Promise<IssuedCertificate>;
  /** A scripted mail server at HOST:PORT, whose certificate is for its host or for another name. */
  putServer(place: string, script: Script, options?: PutOptions): Promise<ScriptedServer>;
  /** IMAP at imap.example.test:993 and SMTP at smtp.example.test:465, both well-behaved, under their usual names. */
  putMailServers(challenge?: string): Promise<void>;
  discover(request?: Partial<DiscoveryRequest>, dns?: DnsServerOptions, clock?: Clock): Promise<Discovery>;
}

export interface PutOptions {
  readonly certificateFor?: string;
  /** The script does STARTTLS itself. */
  readonly inClear?: boolean;
}

/** Call it once in a test file; each test has a world of its own. */
export function prepareWorlds(): () => Promise<World> {
  const stage = prepareStage();

  return async () => {
    const internet = await startSmallInternet();
    stage.closeAfterTest(() => internet.close());
    const servers: ScriptedServer[] = [];
    const dnsServers: DnsServer[] = [];
    const world: World = {
      internet,
      questions: () => dnsServers.flatMap(({ questions }) => questions),
      received: () => servers.map((server) => server.received().toString("latin1")).join(""),
      publish: (documents) => internet.publish(stage.authority(), documents),
      certificateFor: (host) => stage.authority().issue([host]),
      async putServer(place, script, options = {}) {
        const host = place.split(":")[0] ?? "";
        const certificate = await stage.authority().issue([options.certificateFor ?? host]);
        const server = await startScriptedServer({
          script,
          ...(options.inClear ? {} : { tls: certificate }),
        });
        stage.closeAfterTest(() => server.close());
        servers.push(server);
        internet.put(place, server.port);
        return server;
      },
      async putMailServers(challenge) {
        await world.putServer("imap.example.test:993", refusingImap(challenge));
        await world.putServer("smtp.example.test:465", smtpUpstream());
      },
      async discover(request = {}, dnsOptions = {}, clock = systemClock) {
        const dns = await startDnsServer(dnsOptions);
        stage.closeAfterTest(() => dns.close());
        dnsServers.push(dns);
        return discover(
          {
            resolveService: createServiceResolver({ POSTERN_DNS_SERVER: dns.address }),
            resolveMail: createMailResolver({ POSTERN_DNS_SERVER: dns.address }),
            fetch: internet.fetch,
            clock,
            route: internet.route,
          },
          { email: EMAIL, ...request },
        );
      },
    };
    return world;
  };
}

/** What a usable authorization server publishes. */
export function metadataOf(issuer: string, changes: Readonly<Record<string, unknown>> = {}): object {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    response_types_supported: ["code"],
    ...changes,
  };
}

/** The failure challenge of a mail server that names an authorization server. */
export function naming(url: string, scope?: string): string {
  return JSON.stringify({
    status: "invalid_token",
    "openid-configuration": url,
    ...(scope === undefined ? {} : { scope }),
  });
}

/**
 * An IMAP server that lets nobody in: every OAUTHBEARER login fails, with this challenge before the NO, if any, and whoever
 * does not end the exchange waits for ever (RFC 7628 §3.2.3).
 */
export function refusingImap(
  challenge?: string,
  capabilities = "IMAP4rev1 SASL-IR AUTH=OAUTHBEARER",
): Script {
  return async (connection) => {
    await connection.write("* OK scripted\r\n");
    for (;;) {
      const [tag = "", verb = ""] = (await connection.readLine()).split(" ");
      if (verb === "LOGOUT") return connection.end(`* BYE bye\r\n${tag} OK done\r\n`);
      if (verb === "CAPABILITY") await connection.write(`* CAPABILITY ${capabilities}\r\n${tag} OK done\r\n`);
      if (verb !== "AUTHENTICATE") continue;
      if (challenge !== undefined) {
        await connection.write(`+ ${Buffer.from(challenge).toString("base64")}\r\n`);
        while ((await connection.readLine()) !== "AQ==");
      }
      await connection.write(`${tag} NO [AUTHENTICATIONFAILED] no\r\n`);
    }
  };
}
