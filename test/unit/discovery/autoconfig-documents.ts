// Mail configurations in Mozilla's form, as a domain or Mozilla's database would publish them.
import { DocumentAnswer } from "../../support/small-internet.ts";

export interface PublishedServer {
  /** imap, pop3 or smtp. */
  readonly type?: string;
  readonly host: string;
  readonly port: number;
  /** SSL, STARTTLS or plain; as the port says where it is left out. */
  readonly socketType?: string;
  readonly userName?: string;
  /** In the document's order. */
  readonly authentication: readonly string[];
}

export interface PublishedOAuth {
  /** As providers write it: a host, or a URL. */
  readonly issuer: string;
  readonly scope?: string;
  readonly authorization?: string;
  readonly token?: string;
}

export function autoconfigDocument(
  servers: readonly PublishedServer[],
  oauth?: PublishedOAuth,
  name = "Example Mail",
): DocumentAnswer {
  return xml(`<clientConfig version="1.1">
    <emailProvider id="example">
      <displayName>${name}</displayName>
      ${servers.map(formatServer).join("\n")}
    </emailProvider>
    ${oauth === undefined ? "" : formatOAuth(oauth)}
  </clientConfig>`);
}

/** IMAP and SMTP of a domain, at the usual ports. */
export function usualServers(domain: string, ...authentication: string[]): PublishedServer[] {
  return [
    { type: "imap", host: `imap.${domain}`, port: 993, authentication },
    { type: "smtp", host: `smtp.${domain}`, port: 465, authentication },
  ];
}

export function xml(text: string): DocumentAnswer {
  return new DocumentAnswer(200, text, { "content-type": "text/xml" });
}

export const ownAutoconfig = (domain: string, email: string): string =>
  `https://autoconfig.${domain}/mail/config-v1.1.xml?emailaddress=${encodeURIComponent(email)}`;
export const wellKnownAutoconfig = (domain: string): string =>
  `https://${domain}/.well-known/autoconfig/mail/config-v1.1.xml`;
export const databaseEntry = (domain: string): string => `https://autoconfig.thunderbird.net/v1.1/${domain}`;

function formatServer(server: PublishedServer): string {
  const { type = "imap", host, port, userName = "%EMAILADDRESS%", authentication } = server;
  const socketType = server.socketType ?? ([993, 995, 465].includes(port) ? "SSL" : "STARTTLS");
  const element = type === "smtp" ? "outgoingServer" : "incomingServer";
  return `<${element} type="${type}"><hostname>${host}</hostname><port>${port}</port>
    <socketType>${socketType}</socketType><username>${userName}</username>
    ${authentication.map((way) => `<authentication>${way}</authentication>`).join("")}</${element}>`;
}

function formatOAuth({ issuer, scope = "mail", authorization, token }: PublishedOAuth): string {
  const origin = issuer.includes("://") ? issuer : `https://${issuer}`;
  return `<oAuth2><issuer>${issuer}</issuer><scope>${scope}</scope>
    <authURL>${authorization ?? `${origin}/authorize`}</authURL>
    <tokenURL>${token ?? `${origin}/token`}</tokenURL></oAuth2>`;
}
