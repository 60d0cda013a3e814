// A preset in words, for `postern provider show` and docs/providers.md. Pure. Invariant: a line that has a value which nobody
// has verified names where that value comes from.
import { PosternError } from "../errors/postern-error.ts";
import { explainValues } from "../provider/fact.ts";
import { scopeFor } from "../provider/implied-settings.ts";
import { domainsOf } from "../provider/match.ts";
import type { MailProtocol, OAuthPreset, ProviderPreset, SelfHostedPreset } from "../provider/preset.ts";

export interface DescribedLine {
  readonly label: string | undefined;
  readonly text: string;
  /** Where what stands here comes from, as far as it is not verified. */
  readonly doubts: readonly string[];
}

export interface DescribedSection {
  readonly title: string;
  readonly lines: readonly DescribedLine[];
}

type Line = (label: string | undefined, text: string, ...paths: readonly string[]) => DescribedLine;

export function describeProvider(preset: ProviderPreset): DescribedSection[] {
  const line = lineFor(preset);
  return [
    { title: "Addresses", lines: describeMatch(preset, line) },
    { title: "Servers", lines: describeMail(preset, line) },
    ...(preset.kind === "password" ? [] : describeOAuth(preset, line)),
    { title: "Client id", lines: describeRegistration(preset, line) },
    { title: "App password", lines: describeAppPassword(preset, line) },
    { title: "Limits", lines: describeLimits(preset, line) },
    {
      title: "Good to know",
      lines: Object.entries(preset.quirks).map(([name, text]) => line(undefined, text, `quirks.${name}`)),
    },
    { title: "When it refuses", lines: describeErrors(preset, line) },
    { title: "Not known", lines: preset.unknown.map((text) => line(undefined, `${text}.`)) },
  ].filter(({ lines }) => lines.length > 0);
}

function lineFor(preset: ProviderPreset): Line {
  const values = explainValues(preset);
  return (label, text, ...paths) => {
    const unverified = values
      .filter(({ path }) => paths.some((one) => path === one || path.startsWith(`${one}.`)))
      .filter(({ fact }) => fact?.verified === false)
      .map(({ fact }) => fact?.source ?? "unknown");
    return { label, text, doubts: [...new Set(unverified)] };
  };
}

function describeMatch(preset: ProviderPreset, line: Line): DescribedLine[] {
  const { parents = [], mx } = preset.match;
  const domains = domainsOf(preset);
  return [
    ...(domains.length === 0 ? [] : [line("Domains", domains.join(", "), "match.domains", "match.families")]),
    ...(parents.length === 0 ? [] : [line("And below", parents.join(", "), "match.parents")]),
    ...(mx.length === 0
      ? []
      : [line("Mail received by", mx.map(({ suffix }) => suffix).join(", "), "match.mx")]),
  ];
}

const ACCEPTED = { oauth: "OAuth", "app-password": "an app password", password: "the password" } as const;
const USER_NAMES = {
  address: "the address",
  "local-part": "what stands before the @",
  preferred_username: "the address, or the name that the provider gives for whoever signed in",
} as const;

function describeMail(preset: ProviderPreset, line: Line): DescribedLine[] {
  if (preset.kind === "password" && preset.instead !== undefined) {
    const { name, text, page } = preset.instead;
    return [line(undefined, `${text} (${name}: ${page})`, "instead")];
  }
  const mail = preset.mail;
  if (mail === undefined) return [];
  const lines = (["imap", "pop3", "smtp"] as const).flatMap((protocol: MailProtocol) => {
    const server = mail[protocol];
    if (server === undefined) return [];
    const places =
      "host" in server
        ? [server, ...("alternatives" in server ? (server.alternatives ?? []) : [])].map(
            ({ host, port, tls }) => `${host}:${port} (${nameOfTls(tls)})`,
          )
        : [`found by discovery; usually port ${server.port} (${nameOfTls(server.tls)})`];
    const takes = server.accepts.map((way) => ACCEPTED[way]).join(" or ");
    return [
      line(
        protocol.toUpperCase(),
        `${places.join(", or ")}; takes ${takes}; user name: ${USER_NAMES[server.userName]}`,
        `mail.${protocol}`,
      ),
    ];
  });
  return preset.kind === "password"
    ? lines
    : [...lines, line("SASL mechanism", nameOfMechanism(mail.mechanism), "mail.mechanism")];
}

function nameOfTls(tls: "implicit" | "starttls"): string {
  return tls === "implicit" ? "TLS" : "STARTTLS";
}

function nameOfMechanism(mechanism: "auto" | "xoauth2" | "oauthbearer"): string {
  return mechanism === "auto" ? "what the server announces" : mechanism.toUpperCase();
}

const DISCOVERY = {
  openid: "published (OpenID Connect Discovery)",
  rfc8414: "published (RFC 8414)",
  none: "not published",
  unknown: "not known whether it is published",
} as const;
const SECRETS = { none: "none", required: "required", optional: "if the provider gives one" } as const;
const DEVICE_FLOWS = {
  offered: "offered",
  "not-for-mail": "offered, but not for mail",
  none: "not offered",
} as const;
const PORTS = {
  any: "any port will do",
  "as-registered": "exactly as it stands, with its port",
  "not-listened": "Postern does not listen there: you paste the address at which the browser ends",
} as const;

function describeOAuth(preset: OAuthPreset | SelfHostedPreset, line: Line): DescribedSection[] {
  const { oauth } = preset;
  const parameters = Object.entries(oauth.authorizationParameters).map(([name, value]) => `${name}=${value}`);
  const named = preset.kind === "oauth" ? preset.oauth : undefined;
  const scope = (protocols: readonly MailProtocol[]): string => scopeFor(oauth, protocols);
  return [
    {
      title: "Signing in",
      lines: [
        named === undefined
          ? line("Issuer", "found by discovery, or named by whoever runs the server", "oauth.issuerExample")
          : line("Issuer", named.issuer, "oauth.issuer"),
        ...Object.entries(named?.endpoints ?? {}).map(([name, address]) =>
          line(ENDPOINTS[name] ?? name, address ?? "", `oauth.endpoints.${name}`),
        ),
        ...(named?.tenant === undefined
          ? []
          : [
              line(
                "Tenant",
                `${named.tenant.default} (or ${named.tenant.others.join(", ")}). ${named.tenant.advice}`,
                "oauth.tenant",
              ),
            ]),
        line("Metadata", DISCOVERY[oauth.discovery], "oauth.discovery"),
        line("Client secret", SECRETS[oauth.clientSecret], "oauth.clientSecret"),
        line(
          "PKCE",
          oauth.pkce === "unknown" ? "sent; not known whether it is used" : oauth.pkce,
          "oauth.pkce",
        ),
        line("Device flow", DEVICE_FLOWS[oauth.device.flow], "oauth.device.flow"),
        ...(parameters.length === 0
          ? []
          : [line("Also sent", parameters.join(" "), "oauth.authorizationParameters")]),
      ],
    },
    {
      title: "To register",
      lines: [
        line("Redirect URI", `${oauth.redirect.uri} (${PORTS[oauth.redirect.port]})`, "oauth.redirect"),
        line("Scopes", scope(["imap", "smtp"]) || "none", "oauth.scopes", "oauth.scopeSeparator"),
      ],
    },
  ];
}

const ENDPOINTS: Readonly<Record<string, string>> = {
  authorization: "Authorization",
  token: "Token",
  deviceAuthorization: "Device authorization",
  revocation: "Revocation",
};

const HOW = {
  "self-service": "You register one yourself.",
  "by-request": "The provider gives them on request.",
  "own-server": "Whoever runs the sign-in server makes one.",
  "not-needed": "None is needed.",
} as const;

function describeRegistration(preset: ProviderPreset, line: Line): DescribedLine[] {
  const { registration } = preset;
  if (preset.kind === "password" || registration === undefined) return [];
  return [
    line(undefined, HOW[registration.how], "registration.how"),
    line(undefined, registration.text, "registration.text"),
    ...(registration.shortWay === undefined
      ? []
      : [line("Short way", registration.shortWay, "registration.shortWay")]),
    ...(registration.steps.length === 0
      ? []
      : [
          line(
            "Step by step",
            `postern provider register ${preset.id} (${registration.steps.map(({ title }) => title).join("; ")})`,
            "registration.steps",
          ),
        ]),
  ];
}

function describeAppPassword({ appPassword }: ProviderPreset, line: Line): DescribedLine[] {
  if (appPassword.offered === "no") return [line(undefined, appPassword.note, "appPassword")];
  const when = appPassword.offered === "with-two-step" ? ", once two-step verification is on" : "";
  return [
    line(undefined, `Offered${when}; it is called "${appPassword.name}" there.`, "appPassword.offered"),
    ...(appPassword.page === undefined ? [] : [line("Page", appPassword.page, "appPassword.page")]),
    ...(appPassword.note === undefined ? [] : [line(undefined, appPassword.note, "appPassword.note")]),
  ];
}

const LIMITS = {
  imapConnections: "IMAP connections at once",
  messageMegabytes: "Megabytes in a message",
  messagesPerDay: "Messages a day",
  recipientsPerDay: "Recipients a day",
  messagesPerMinute: "Messages a minute",
  minutesBetweenPop3Checks: "Minutes between two looks by POP3",
} as const;

function describeLimits({ limits = {} }: ProviderPreset, line: Line): DescribedLine[] {
  return (Object.keys(LIMITS) as (keyof typeof LIMITS)[]).flatMap((name) => {
    const value = limits[name];
    return value === undefined ? [] : [line(LIMITS[name], value.toLocaleString("en"), `limits.${name}`)];
  });
}

const PLACES = { "sign-in": "At sign-in", imap: "IMAP", pop3: "POP3", smtp: "SMTP" } as const;

function describeErrors({ errors }: ProviderPreset, line: Line): DescribedLine[] {
  return errors.map((error, index) => {
    const { sentence, action } = "code" in error ? new PosternError(error.code) : error;
    return line(
      PLACES[error.where],
      `"${error.says}": ${sentence}${"code" in error ? "" : ` ${action}`}`,
      `errors.${index}`,
    );
  });
}
