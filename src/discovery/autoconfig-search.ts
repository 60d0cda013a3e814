// Fetches the mail configuration that a domain publishes in Mozilla's form: the domain's own, then the one in Mozilla's
// database (ISPDB), then the database's for whoever receives the domain's mail. Invariant: https only, no redirects, small
// and soon; the address goes to the domain's own server and to nobody else.
import type { CustomFetch } from "openid-client";
import { PosternError, systemCode } from "../errors/postern-error.ts";
import { printable } from "../errors/printable.ts";
import { formatHostAndPort } from "../network/route.ts";
import { type Autoconfig, readAutoconfig } from "../provider/autoconfig.ts";
import { createHurriedFetch } from "./http.ts";
import { createTrail, type DiscoveryParts, type Trail } from "./parts.ts";

export interface PublishedConfiguration {
  readonly configuration: Autoconfig;
  /** Where it is published: a host. */
  readonly host: string;
}

/** Milliseconds for a document: most domains have none, and a person waits. */
const PATIENCE = 5000;
const DATABASE = "https://autoconfig.thunderbird.net/v1.1";
/** How many of a mail receiver's parents are looked up. */
const PARENTS = 3;
/** How many of a document's unusable servers are told. */
const LEFT_OUT = 8;

/**
 * The first with a server in it that can be used; `trail` is told each step. Never throws.
 * @param receiver the host that receives the domain's mail
 */
export async function findAutoconfig(
  parts: DiscoveryParts,
  {
    email,
    domain,
    receiver,
  }: { readonly email: string; readonly domain: string; readonly receiver?: string | undefined },
  trail: Trail,
): Promise<PublishedConfiguration | undefined> {
  const fetch = createHurriedFetch(parts.fetch, parts.clock, PATIENCE);
  const ask = (url: string, query = ""): Promise<Answer> => askFor(fetch, url, query, email);
  const own = [
    ask(`https://autoconfig.${domain}/mail/config-v1.1.xml`, `?emailaddress=${encodeURIComponent(email)}`),
    ask(`https://${domain}/.well-known/autoconfig/mail/config-v1.1.xml`),
  ];
  const take = async (asking: Promise<Answer>): Promise<Answer> => {
    const answer = await asking;
    for (const sentence of answer.told) trail(sentence);
    return answer;
  };
  for (const asking of own) {
    const { found } = await take(asking);
    if (found !== undefined) return found;
  }
  for (const name of [domain, ...parentsOf(receiver, domain)]) {
    const { found, isReached } = await take(ask(`${DATABASE}/${name}`));
    if (found !== undefined) return found;
    if (!isReached) return undefined;
  }
  return undefined;
}

/**
 * The domains above a host that receives mail, longest first, as Thunderbird looks them up. What is a registry's (co.uk) is
 * not told from what is a provider's: the database has nobody's configuration under the first.
 */
export function parentsOf(receiver: string | undefined, domain: string): string[] {
  const labels = receiver?.split(".") ?? [];
  return labels
    .map((_label, index) => labels.slice(index + 1))
    .filter((rest) => rest.length >= 2)
    .map((rest) => rest.join("."))
    .filter((parent) => parent !== domain)
    .slice(-PARENTS);
}

interface Answer {
  readonly told: readonly string[];
  readonly found: PublishedConfiguration | undefined;
  /** Whether anybody answered. */
  readonly isReached: boolean;
}

async function askFor(fetch: CustomFetch, url: string, query: string, email: string): Promise<Answer> {
  const { told, tell } = createTrail();
  const nothing = (sentence: string, isReached = true): Answer => ({
    told: [...told, sentence],
    found: undefined,
    isReached,
  });
  let document: string;
  try {
    const answer = await fetch(`${url}${query}`, {
      method: "GET",
      headers: { accept: "text/xml, application/xml" },
      redirect: "manual",
      body: undefined,
    });
    if (answer.status !== 200) return nothing(`${url}${formatStatus(answer.status)}`);
    document = await answer.text();
  } catch (thrown) {
    return nothing(printable(`${url}: ${reasonOf(thrown)}`, 400), false);
  }
  const reading = readAutoconfig(document, email);
  if (reading.kind === "refused") return nothing(`${url}: ${reading.reason}`);
  const { configuration } = reading;
  for (const sentence of configuration.leftOut.slice(0, LEFT_OUT)) tell(`${url}: ${sentence}`);
  const servers = configuration.servers.filter(({ protocol }) => protocol !== "pop3");
  if (servers.length === 0) return nothing(`${url} → no server that can be used`);
  const places = servers.map((server) => `${server.protocol.toUpperCase()} ${formatHostAndPort(server)}`);
  tell(printable(`${url} → ${places.join(", ")}`, 400));
  return { told, isReached: true, found: { configuration, host: new URL(url).hostname } };
}

function formatStatus(status: number): string {
  if (status === 404 || status === 410) return " → none";
  return status >= 300 && status < 400
    ? `: it leads elsewhere (status ${status}), where nobody goes`
    : `: status ${status}`;
}

function reasonOf(thrown: unknown): string {
  if (thrown instanceof DOMException) return thrown.message;
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  if (cause instanceof PosternError) return cause.detail ?? cause.sentence;
  return `it cannot be reached (${systemCode(cause) ?? systemCode(thrown) ?? "unknown"})`;
}
