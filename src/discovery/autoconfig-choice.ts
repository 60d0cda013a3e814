// What of a published mail configuration is used. Pure. Invariant: a provider that is built in is taken from its preset as a
// whole, and a built-in sign-in never goes with servers that are not its own (threats.md G1).
import {
  type Autoconfig,
  type AutoconfigOAuth,
  type AutoconfigServer,
  preferredServer,
} from "../provider/autoconfig.ts";
import type { PublishedConfiguration } from "./autoconfig-search.ts";
import type { UserNameRule } from "./discovery.ts";
import { presetOfServers, presetsOfSignIn } from "./preset-owners.ts";
import type { Recognised } from "./recognise-provider.ts";

export interface ChosenServers {
  readonly kind: "servers";
  /** How the provider calls itself. */
  readonly name: string | undefined;
  /** What IMAP is said to take, where that decides how to sign in. */
  readonly takes: "oauth" | "password";
  /** To try, best first. */
  readonly imap: readonly AutoconfigServer[];
  readonly smtp: readonly AutoconfigServer[];
  /** Somebody's word for an authorization server: to be verified. */
  readonly oauth: AutoconfigOAuth | undefined;
  /** Why something was left out, in sentences. */
  readonly remarks: readonly string[];
}

export type AutoconfigChoice = { readonly kind: "preset"; readonly recognised: Recognised } | ChosenServers;

/** How many servers of a protocol are tried. */
const MOST = 4;

export function chooseFrom({ configuration, host }: PublishedConfiguration): AutoconfigChoice {
  const takes = preferredServer(configuration, "imap", "oauth") === undefined ? "password" : "oauth";
  const imap = serversFor(configuration, "imap", takes);
  const smtp = serversFor(configuration, "smtp", takes);
  const preset = presetOfServers(imap[0]?.host ?? "", smtp[0]?.host ?? "");
  if (preset !== undefined)
    return { kind: "preset", recognised: { preset, by: "autoconfig", evidence: host } };

  const { oauth } = configuration;
  const [owner] = oauth === undefined ? [] : presetsOfSignIn(addressesOf(oauth));
  const remarks = [
    owner === undefined
      ? undefined
      : `It names the sign-in of ${owner.name} with servers that are not theirs: that is not used`,
    takes === "oauth" && smtp[0]?.authentication.includes("oauth") === false
      ? `${smtp[0].host} is said to take a password only`
      : undefined,
  ].filter((remark) => remark !== undefined);
  return {
    kind: "servers",
    name: configuration.name,
    takes,
    imap,
    smtp,
    oauth: takes === "oauth" && owner === undefined ? oauth : undefined,
    remarks,
  };
}

/** How a server's user name follows from the address. */
export function userNameRuleOf({ userName }: AutoconfigServer, email: string): UserNameRule {
  if (userName === email) return "address";
  return userName === email.slice(0, email.lastIndexOf("@")) ? "local-part" : { name: userName };
}

/** Those that take what is wanted before those that do not, TLS from the start before STARTTLS. */
function serversFor(
  { servers }: Autoconfig,
  protocol: "imap" | "smtp",
  wanted: "oauth" | "password",
): AutoconfigServer[] {
  const rank = ({ authentication, tls }: AutoconfigServer): number =>
    (authentication.includes(wanted) ? 0 : 2) + (tls === "implicit" ? 0 : 1);
  return servers
    .filter((server) => server.protocol === protocol)
    .sort((left, right) => rank(left) - rank(right))
    .slice(0, MOST);
}

function addressesOf({ issuer, authorization, token }: AutoconfigOAuth): string[] {
  return [issuer, authorization, token].filter((address) => address !== undefined);
}
