// Finds a domain's mail servers: by what it says in DNS (RFC 6186, RFC 8314), else under the names that are usual.
// Invariant: a server is taken only after its certificate has been verified for its name and it has greeted as one.
import type { MailServer } from "../account/account.ts";
import { formatHostAndPort } from "../network/route.ts";
import { visitImapServer, visitSmtpServer } from "./mail-connection.ts";
import { createTrail, type DiscoveryParts, formatTrouble, type Trail } from "./parts.ts";
import { formatDnsTrouble, inDnsTime } from "./resolver.ts";
import { type Offer, readOffer } from "./service-records.ts";

export type Protocol = "imap" | "smtp";
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
  const question = `SRV ${name}`;
  try {
    const offer = readOffer(await inDnsTime(parts.clock, parts.resolveService(name)), tls);
    trail(`${question} → ${formatOffer(offer)}`);
    return offer;
  } catch (thrown) {
    trail(formatDnsTrouble(question, thrown));
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
export async function firstThatAnswers<T extends MailServer>(
  parts: DiscoveryParts,
  protocol: Protocol,
  servers: readonly T[],
  trail: Trail,
): Promise<T | undefined> {
  const visits = servers.map((server) => {
    const { told, tell } = createTrail();
    return { server, told, rightly: answersRightly(parts, protocol, server, tell) };
  });
  for (const { server, told, rightly } of visits) {
    const found = await rightly;
    for (const sentence of told) trail(sentence);
    if (found) return server;
  }
  return undefined;
}

function usualServers(protocol: Protocol, domain: string): MailServer[] {
  return USUAL_PORTS[protocol].flatMap(([port, tls]) =>
    USUAL_NAMES[protocol].map((prefix) => ({ host: `${prefix}${domain}`, port, tls })),
  );
}
