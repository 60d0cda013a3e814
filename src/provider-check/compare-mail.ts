// Compares what a mail server announces before the login with a preset. Pure. Invariant: of a server that announces more
// than the preset says only OAuth is told: password mechanisms are announced by many that refuse passwords.
import { mechanismsOf as imapMechanismsOf } from "../mail/imap/capability.ts";
import { mechanismsOf as smtpMechanismsOf } from "../mail/smtp/keyword.ts";
import type { MailProtocol, PresetMail, PresetServer } from "../provider/preset.ts";
import { agrees, differs, type Finding, learned, notAsked } from "./findings.ts";
import type { MailObservation } from "./observe-mail.ts";

type Place = Pick<PresetServer, "host" | "port" | "tls">;

/** What a preset says about one server. */
export interface MailExpectation {
  /** "mail.imap", "mail.smtp.alternatives.0". */
  readonly path: string;
  readonly protocol: MailProtocol;
  readonly place: Place;
  readonly accepts: PresetServer["accepts"];
  readonly mechanism: PresetMail["mechanism"];
  readonly behaviours: PresetMail["behaviours"];
  /** Of SMTP, in megabytes. */
  readonly messageMegabytes: number | undefined;
}

const OAUTH = ["XOAUTH2", "OAUTHBEARER"] as const;
const NAMES = { xoauth2: "XOAUTH2", oauthbearer: "OAUTHBEARER" } as const;

export function compareMailServer(expected: MailExpectation, seen: MailObservation): Finding[] {
  const { path, protocol, place } = expected;
  const { host, port, tls } = place;
  const where = `${host}:${port}`;
  const way = tls === "implicit" ? "TLS" : "STARTTLS";
  switch (seen.kind) {
    case "silent":
      return [notAsked(path, `${where} could not be asked: ${seen.reason}`)];
    case "contradicts":
      return [
        differs(path, `${where} is not the ${protocol.toUpperCase()} server of the preset.`, {
          preset: `${protocol.toUpperCase()} with ${way} and a valid certificate`,
          live: seen.reason,
        }),
      ];
    case "answered": {
      const greeting = agrees(
        path,
        `${where} is an ${protocol.toUpperCase()} server with ${way} and a valid certificate.`,
      );
      if (protocol === "pop3") return [greeting];
      const mechanisms = mechanismsIn(protocol, seen.announced);
      return [
        greeting,
        ...compareOAuth(expected, mechanisms),
        ...comparePasswords(expected, mechanisms, seen.announced),
        ...compareSize(expected, seen.announced),
      ];
    }
  }
}

function mechanismsIn(protocol: "imap" | "smtp", announced: readonly string[]): string[] {
  const names = protocol === "imap" ? imapMechanismsOf(announced) : smtpMechanismsOf(announced);
  return names.map((name) => name.toUpperCase());
}

function compareOAuth(expected: MailExpectation, mechanisms: readonly string[]): Finding[] {
  const { path, accepts, mechanism, behaviours = [] } = expected;
  const where = `${expected.place.host}:${expected.place.port}`;
  const offered = OAUTH.filter((name) => mechanisms.includes(name));
  const live = mechanisms.join(" ") || "no mechanism";
  if (!accepts.includes("oauth")) {
    return offered.length === 0
      ? []
      : [learned(`${path}.accepts`, `${where} announces ${offered.join(" and ")}: it takes OAuth.`)];
  }
  if (behaviours.includes("xoauth2-not-advertised")) {
    return [
      offered.length === 0
        ? agrees("mail.behaviours", `${where} announces no OAuth mechanism, as the preset says.`)
        : differs("mail.behaviours", `${where} announces ${offered.join(" and ")} now.`, {
            preset: "xoauth2-not-advertised",
            live,
          }),
    ];
  }
  const wanted = mechanism === "auto" ? OAUTH : [NAMES[mechanism]];
  const fitting = wanted.filter((name) => mechanisms.includes(name));
  const surplus = behaviours.includes("no-oauthbearer") && mechanisms.includes("OAUTHBEARER");
  return [
    fitting.length === 0
      ? differs(`${path}.accepts`, `${where} does not announce ${wanted.join(" or ")}.`, {
          preset: wanted.join(" "),
          live,
        })
      : agrees(`${path}.accepts`, `${where} announces ${offered.join(" and ")}.`),
    ...(surplus
      ? [
          differs("mail.behaviours", `${where} announces OAUTHBEARER now.`, {
            preset: "no-oauthbearer",
            live,
          }),
        ]
      : []),
  ];
}

function comparePasswords(
  { path, accepts, protocol, place }: MailExpectation,
  mechanisms: readonly string[],
  announced: readonly string[],
): Finding[] {
  if (!accepts.includes("password") && !accepts.includes("app-password")) return [];
  const where = `${place.host}:${place.port}`;
  const bySasl = mechanisms.includes("PLAIN") || mechanisms.includes("LOGIN");
  // RFC 9051 §6.2.3: an IMAP server takes LOGIN unless it says otherwise.
  const byLogin =
    protocol === "imap" && !announced.some((capability) => capability.toUpperCase() === "LOGINDISABLED");
  if (bySasl || byLogin) return [agrees(`${path}.accepts`, `${where} takes passwords.`)];
  return [
    differs(`${path}.accepts`, `${where} does not take passwords.`, {
      preset: accepts.join(" "),
      live: mechanisms.join(" ") || "no mechanism",
    }),
  ];
}

/** RFC 1870: what the server refuses is refused, whatever the provider's pages say. */
function compareSize(
  { place, messageMegabytes, protocol }: MailExpectation,
  announced: readonly string[],
): Finding[] {
  if (protocol !== "smtp" || messageMegabytes === undefined) return [];
  const octets = Number(
    announced.map((line) => /^SIZE ([1-9]\d{0,14})$/i.exec(line)?.[1]).find(Boolean) ?? 0,
  );
  if (octets === 0) return [];
  const path = "limits.messageMegabytes";
  const where = `${place.host}:${place.port}`;
  const live = `${Math.floor(octets / 1_000_000)} MB`;
  return octets < messageMegabytes * 1_000_000
    ? [differs(path, `${where} takes smaller messages.`, { preset: `${messageMegabytes} MB`, live })]
    : [agrees(path, `${where} takes messages of up to ${live}.`)];
}
