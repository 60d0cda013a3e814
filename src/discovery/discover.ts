// An address is enough: finds mail servers and authorization server of a mailbox by asking DNS, the mail servers and the
// authorization server what they say of themselves. Invariant: it reads what servers announce, and never carries a token, a
// password or the part of the address before the @; nothing that it finds is used before a person adds the account.
import type { MailServer } from "../account/account.ts";
import { findAuthorizationServer } from "./authorization-server.ts";
import { domainOf } from "./host-name.ts";
import { answersRightly, findMailServer } from "./mail-servers.ts";
import type { DiscoveryParts, Trail } from "./parts.ts";
import { chooseScope } from "./scope.ts";

/** What a person knows already. */
export interface DiscoveryRequest {
  readonly email: string;
  readonly imap?: MailServer | undefined;
  readonly smtp?: MailServer | undefined;
  readonly issuer?: string | undefined;
}

export interface Discovery {
  /** As given, or found and verified. */
  readonly imap?: MailServer | undefined;
  readonly smtp?: MailServer | undefined;
  /** Verified (RFC 8414 §3.3). */
  readonly issuer?: string | undefined;
  readonly scope?: string | undefined;
  readonly mechanism: "auto";
  /** RFC 7591. */
  readonly registersClients: boolean;
  /** Each step in words, with the host that was asked. */
  readonly trail: string[];
}

/** What nobody answers for is left out; the trail tells why. Never throws for what servers do or do not say. */
export async function discover(parts: DiscoveryParts, request: DiscoveryRequest): Promise<Discovery> {
  const domain = domainOf(request.email);
  const trails = { imap: createTrail(), smtp: createTrail(), issuer: createTrail() };
  if (domain === undefined) trails.imap.tell("The address has no domain that can be looked up");

  const find = async (protocol: "imap" | "smtp"): Promise<MailServer | undefined> => {
    const { tell } = trails[protocol];
    const given = request[protocol];
    if (given === undefined)
      return domain === undefined ? undefined : findMailServer(parts, protocol, domain, tell);
    await answersRightly(parts, protocol, given, tell);
    return given;
  };
  const [imap, smtp] = await Promise.all([find("imap"), find("smtp")]);
  const found = await findAuthorizationServer(
    parts,
    { issuer: request.issuer, imap, domain },
    trails.issuer.tell,
  );

  return {
    imap,
    smtp,
    issuer: found?.issuer,
    scope:
      found === undefined
        ? undefined
        : chooseScope({
            demanded: found.demandedScope,
            resource: found.resourceScopes,
            supported: listOf(found.metadata.scopes_supported),
          }),
    // Which one is used is decided at each login, by what the server announces then.
    mechanism: "auto",
    registersClients: found?.metadata.registration_endpoint !== undefined,
    trail: [...trails.imap.told, ...trails.smtp.told, ...trails.issuer.told],
  };
}

function createTrail(): { readonly told: string[]; readonly tell: Trail } {
  const told: string[] = [];
  return { told, tell: (sentence) => void told.push(sentence) };
}

/** The metadata is somebody else's: a list may be anything. */
function listOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : undefined;
}
