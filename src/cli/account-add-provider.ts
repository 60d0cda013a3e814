// What `postern account add` says about a provider that Postern knows: how it was recognised, what to know before the
// beginning, and the ways in. Pure texts.
import type { Discovery } from "../control/contract.ts";
import { printable } from "../errors/printable.ts";
import { mayTakePassword } from "../new-account/no-way.ts";

const RECOGNISED: Readonly<Record<NonNullable<Discovery["recognisedBy"]>, string>> = {
  domain: "the address's domain is one of its own, and its hosts are built into Postern",
  mx: "DNS says that it receives the domain's mail; its hosts are built into Postern",
  autoconfig: "a published mail configuration names its servers; its hosts are built into Postern",
  servers: "the mail servers are its own; its hosts are built into Postern",
};

/** Who it is and how Postern knows; nothing where nobody was recognised. */
export function describeProvider(discovery: Discovery | undefined): string[] {
  const { providerName, recognisedBy } = discovery ?? {};
  if (providerName === undefined) return [];
  return recognisedBy === undefined
    ? [`  Provider ${printable(providerName, 100)}, as it calls itself in a published mail configuration`]
    : [`  Provider ${providerName}: ${RECOGNISED[recognisedBy]}`];
}

/** What to know before the beginning. */
export function describeQuirks(discovery: Discovery | undefined): string[] {
  const { quirks = [] } = discovery ?? {};
  return quirks.length === 0 ? [] : ["Worth knowing:", ...quirks.map((quirk) => `  ${quirk}`)];
}

/** Which password that is, and where it is had. */
export function describePassword(discovery: Discovery | undefined): string {
  const { accepts, appPassword } = discovery ?? {};
  if (appPassword === undefined || appPassword.offered === "no") return "the mailbox's own password";
  const { name, page, note, offered } = appPassword;
  const own = accepts?.includes("password") ? "the mailbox's own password or " : "";
  const where = page === undefined ? "" : `, made at ${page}`;
  const when = offered === "with-two-step" ? " once two-step verification is on" : "";
  return `${own}what is called '${name}' there${where}${when}${note === undefined ? "" : ` (${note})`}`;
}

export interface WaysIn {
  /** The steps to a client id. */
  readonly register: string | undefined;
  /** What Postern knows about the provider. */
  readonly show: string | undefined;
  /** The short way. */
  readonly password: string | undefined;
}

/** Commands. @param adding `postern account add EMAIL` with what a person named of the mailbox */
export function waysIn(discovery: Discovery | undefined, adding: string): WaysIn {
  const provider = discovery?.provider;
  const hasGuide = provider !== undefined && discovery?.kind === "oauth";
  return {
    register: hasGuide ? `postern provider register ${provider}` : undefined,
    show: provider === undefined ? undefined : `postern provider show ${provider}`,
    password: mayTakePassword(discovery) ? `${adding} --password` : undefined,
  };
}

/** @param discovery for the words about the password */
export function describeWaysIn(ways: WaysIn, discovery: Discovery | undefined): string[] {
  const { register, show, password } = ways;
  const short = describePassword(discovery);
  return [
    ...(register === undefined ? [] : ["How to get a client id, step by step:", `  ${register}`]),
    ...(show === undefined ? [] : ["What Postern knows about this provider:", `  ${show}`]),
    ...(password === undefined
      ? []
      : [
          discovery?.provider === undefined
            ? "Or, where the provider takes a password:"
            : `The short way, without a client id: ${short}`,
          `  ${password}`,
        ]),
  ];
}
