// Finds a domain's mail servers: by what it says in DNS (RFC 6186, RFC 8314), else under the names that are usual.
// Invariant: a server is taken only after its certificate has been verified for its name and it has greeted as one.
import type { MailServer } from "../account/account.ts";
import { withDeadline } from "../clock/clock.ts";
import { systemCode } from "../errors/postern-error.ts";
import { formatHostAndPort } from "../network/route.ts";
import { visitImapServer, visitSmtpServer } from "./mail-connection.ts";
import { type DiscoveryParts, formatTrouble, type Trail } from "./parts.ts";
import { type Offer, readOffer } from "./service-records.ts";

type Protocol = "imap" | "smtp";
type Tls = MailServer["tls"];

/** Best first: TLS from the start (RFC 8314 §3.3). */
const SERVICES: Readonly<Record<Protocol, readonly (readonly [name: string, tls: Tls])[]>> = {
  imap: [
    ["_imaps._tcp", "implicit"],
    ["_imap._tcp", "starttls"],
  ],
  smtp: [
    ["_submissions._tcp", "implicit"],
    ["_submission._tcp", "starttls"],
  ],
};

const USUAL_NAMES: Readonly<Record<Protocol, readonly string[]>> = {
  imap: ["imap.", "mail.", ""],
  smtp: ["smtp.", "mail.", ""],
};

const USUAL_PORTS: Readonly<Record<Protocol, readonly (readonly [port: number, tls: Tls])[]>> = {
  imap: [[993, "implicit"]],
  smtp: [
    [465, "implicit"],
    [587, "starttls"],
  ],
};

/** Milliseconds for an answer of DNS. */
const DNS_PATIENCE = 5000;

/** The server to use, or undefined where there is none; `trail` is told each step. Never throws. */
export async function findMailServer(
  parts: DiscoveryParts,
  protocol: Protocol,
  domain: string,
  trail: Trail,
): Promise<MailServer | undefined> {
  const offers = await Promise.all(
    SERVICES[protocol].map(([service, tls]) => askService(parts, `${service}.${domain}`, tls, trail)),
  );
  const offered = offers.flatMap((offer) => (offer.kind === "servers" ? offer.servers : []));
  if (offered.length > 0) return firstThatAnswers(parts, protocol, offered, trail);
  if (offers.some(({ kind }) => kind === "declined")) {
    trail(`${domain} says in DNS that it offers no ${protocol.toUpperCase()} to mail programs`);
    return undefined;
  }
  return firstThatAnswers(parts, protocol, usualServers(protocol, domain), trail);
}

/** Whether a server is what it should be; `trail` is told. Never throws. */
export async function answersRightly(
  parts: DiscoveryParts,
  protocol: Protocol,
  server: MailServer,
  trail: Trail,
): Promise<boolean> {
  const place = formatHostAndPort(server);
  try {
    if (protocol === "imap") await visitImapServer(parts, server);
    else await visitSmtpServer(parts, server);
    trail(`${place}: greets as an ${protocol.toUpperCase()} server, with a valid certificate for its name`);
    return true;
  } catch (thrown) {
    trail(formatTrouble(place, thrown));
    return false;
  }
}

async function askService(parts: DiscoveryParts, name: string, tls: Tls, trail: Trail): Promise<Offer> {
  try {
    const asking = parts.resolveService(name);
    const late = (): Error => Object.assign(new Error("DNS is silent"), { code: "ETIMEOUT" });
    const offer = readOffer(await withDeadline(parts.clock, DNS_PATIENCE, asking, late), tls);
    trail(`SRV ${name} → ${formatOffer(offer)}`);
    return offer;
  } catch (thrown) {
    trail(`SRV ${name}: DNS does not answer (${systemCode(thrown) ?? "unknown"})`);
    return { kind: "nothing" };
  }
}

function formatOffer(offer: Offer): string {
  switch (offer.kind) {
    case "servers":
      return offer.servers.map(formatHostAndPort).join(", ");
    case "declined":
      return "not offered";
    case "nothing":
      return "none";
  }
}

/** All at once, since most names do not exist or do not answer; the best of those that do. */
async function firstThatAnswers(
  parts: DiscoveryParts,
  protocol: Protocol,
  servers: readonly MailServer[],
  trail: Trail,
): Promise<MailServer | undefined> {
  const visits = servers.map((server) => {
    const sentences: string[] = [];
    const rightly = answersRightly(parts, protocol, server, (sentence) => void sentences.push(sentence));
    return { server, sentences, rightly };
  });
  for (const { server, sentences, rightly } of visits) {
    const found = await rightly;
    for (const sentence of sentences) trail(sentence);
    if (found) return server;
  }
  return undefined;
}

function usualServers(protocol: Protocol, domain: string): MailServer[] {
  return USUAL_PORTS[protocol].flatMap(([port, tls]) =>
    USUAL_NAMES[protocol].map((prefix) => ({ host: `${prefix}${domain}`, port, tls })),
  );
}
