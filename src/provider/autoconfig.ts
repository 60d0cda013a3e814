// Reads Mozilla's autoconfig form (clientConfig, as in the ISPDB and at autoconfig.DOMAIN) into mail servers and hints for
// signing in. Pure. Invariant: a server without TLS is never an answer, every host is a host name, every address https;
// nothing of it is more than a proposal until a person has seen the hosts.
import type { XmlElement } from "@rgrove/parse-xml";
import { printable } from "../errors/printable.ts";
import { canonicalDomain } from "./domain.ts";
import type { MailProtocol } from "./preset.ts";
import { childrenNamed, readXml, textOf } from "./xml.ts";

export interface AutoconfigServer {
  readonly protocol: MailProtocol;
  readonly host: string;
  readonly port: number;
  readonly tls: "implicit" | "starttls";
  /** With the address filled in. */
  readonly userName: string;
  /** What the server is said to take, best first. */
  readonly authentication: readonly ("oauth" | "password")[];
}

export interface AutoconfigOAuth {
  /** An https URL; where the document has only a host, that host's. */
  readonly issuer: string;
  readonly scopes: readonly string[];
  readonly authorization: string | undefined;
  readonly token: string | undefined;
}

export interface Autoconfig {
  /** How the provider calls itself. */
  readonly name: string | undefined;
  /** In the document's order, which is the provider's preference. */
  readonly servers: readonly AutoconfigServer[];
  readonly oauth: AutoconfigOAuth | undefined;
  /** What was left out and why, in sentences. */
  readonly leftOut: readonly string[];
}

export type AutoconfigReading =
  | { readonly kind: "configuration"; readonly configuration: Autoconfig }
  | { readonly kind: "refused"; readonly reason: string };

const MOST_SERVERS = 32;
const MOST_SCOPES = 32;
const PROTOCOLS: ReadonlyMap<string, MailProtocol> = new Map([
  ["imap", "imap"],
  ["pop3", "pop3"],
  ["smtp", "smtp"],
]);
const TLS: ReadonlyMap<string, AutoconfigServer["tls"]> = new Map([
  ["SSL", "implicit"],
  ["STARTTLS", "starttls"],
]);
const AUTHENTICATION: ReadonlyMap<string, "oauth" | "password"> = new Map([
  ["OAuth2", "oauth"],
  ["password-cleartext", "password"],
  ["plain", "password"],
]);

/**
 * Never throws.
 * @param email whose mailbox it is about; it fills the placeholders and goes nowhere
 */
export function readAutoconfig(document: string, email: string): AutoconfigReading {
  const xml = readXml(document);
  if (xml.kind === "refused") return xml;
  const { root } = xml;
  const provider = root.name === "clientConfig" ? childrenNamed(root, "emailProvider")[0] : undefined;
  if (provider === undefined) return { kind: "refused", reason: "it is no mail configuration" };

  const elements = [
    ...childrenNamed(provider, "incomingServer"),
    ...childrenNamed(provider, "outgoingServer"),
  ];
  const known = elements.filter((element) => PROTOCOLS.has(element.attributes.type ?? ""));
  const readings = known.slice(0, MOST_SERVERS).map((element) => readServer(element, email));
  const oauth = readOAuth(childrenNamed(root, "oAuth2")[0] ?? childrenNamed(provider, "oAuth2")[0]);
  const name = textOf(provider, "displayName");
  return {
    kind: "configuration",
    configuration: {
      name: name === undefined || name === "" ? undefined : printable(name, 100),
      servers: readings.filter((reading) => typeof reading !== "string"),
      oauth: typeof oauth === "string" ? undefined : oauth,
      leftOut: [...readings, oauth].filter((reading) => typeof reading === "string"),
    },
  };
}

/** The server to use for a protocol: one that takes the wanted authentication, TLS from the start before STARTTLS. */
export function preferredServer(
  configuration: Autoconfig,
  protocol: MailProtocol,
  authentication: "oauth" | "password",
): AutoconfigServer | undefined {
  const fitting = configuration.servers.filter(
    (server) => server.protocol === protocol && server.authentication.includes(authentication),
  );
  return fitting.find(({ tls }) => tls === "implicit") ?? fitting[0];
}

/** A server, or a sentence that tells why there is none. */
function readServer(element: XmlElement, email: string): AutoconfigServer | string {
  const protocol = PROTOCOLS.get(element.attributes.type ?? "");
  if (protocol === undefined) return "A server has no protocol";
  const place = `${protocol.toUpperCase()} server ${printable(textOf(element, "hostname") ?? "", 100)}`;
  const host = canonicalDomain(fill(textOf(element, "hostname") ?? "", email));
  if (host === undefined) return `${place}: this is no host name`;
  const port = readPort(textOf(element, "port") ?? "");
  if (port === undefined) return `${place}: its port is no port`;
  const tls = TLS.get(textOf(element, "socketType") ?? "");
  if (tls === undefined) return `${place}:${port}: it is not encrypted`;
  const userName = fill(textOf(element, "username") ?? "%EMAILADDRESS%", email);
  if (!isUserName(userName)) return `${place}:${port}: its user name cannot be one`;
  const authentication = childrenNamed(element, "authentication")
    .map((method) => AUTHENTICATION.get(method.text.trim()))
    .filter((method) => method !== undefined);
  if (authentication.length === 0) return `${place}:${port}: it takes neither OAuth nor a password`;
  return { protocol, host, port, tls, userName, authentication: [...new Set(authentication)] };
}

function readOAuth(element: XmlElement | undefined): AutoconfigOAuth | string | undefined {
  if (element === undefined) return undefined;
  const named = textOf(element, "issuer") ?? "";
  const issuer = webAddress(named.includes("://") ? named : `https://${named}`);
  if (issuer === undefined) return "The sign-in: its issuer is no https address";
  const [authorization, token] = ["authURL", "tokenURL"].map((name) => textOf(element, name));
  for (const address of [authorization, token]) {
    if (address !== undefined && webAddress(address) === undefined) {
      return "The sign-in: one of its addresses is no https address";
    }
  }
  const scopes = (textOf(element, "scope") ?? "").split(/[\s,]+/).filter((scope) => scope !== "");
  if (
    scopes.length > MOST_SCOPES ||
    !scopes.every((scope) => /^[\x21\x23-\x5b\x5d-\x7e]{1,512}$/.test(scope))
  ) {
    return "The sign-in: its scope is none (RFC 6749 §3.3)";
  }
  return { issuer, scopes, authorization, token };
}

function fill(text: string, email: string): string {
  const at = email.lastIndexOf("@");
  const values: Readonly<Record<string, string>> = {
    "%EMAILADDRESS%": email,
    "%EMAILLOCALPART%": email.slice(0, at),
    "%EMAILDOMAIN%": email.slice(at + 1),
  };
  return text.replace(/%EMAIL(?:ADDRESS|LOCALPART|DOMAIN)%/g, (word) => values[word] ?? word);
}

/** A placeholder that nobody filled in is no user name. */
function isUserName(text: string): boolean {
  return /^[^\p{Cc}\p{Cf}]{1,320}$/u.test(text) && !/%[A-Z]+%?/.test(text);
}

function readPort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/** The address as it stands, where it is https, has a host name, and nothing in it but host, port and path. */
function webAddress(text: string): string | undefined {
  if (text.length > 512 || !/^https:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?(?:\/[A-Za-z0-9._~%/-]*)?$/.test(text)) {
    return undefined;
  }
  return URL.canParse(text) && canonicalDomain(new URL(text).hostname) !== undefined ? text : undefined;
}
