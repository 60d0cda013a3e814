// Comcast, Xfinity: mailboxes that have not moved to Yahoo yet. The MX hosts tell which is which.
import { deepFreeze } from "../deep-freeze.ts";
import { assumed, seen } from "../fact.ts";
import type { OAuthPreset } from "../preset.ts";
import { implicit } from "./server.ts";
import { FIXED_LOOPBACK, ispdb, THUNDERBIRD } from "./sources.ts";

export const comcast = deepFreeze<OAuthPreset>({
  id: "comcast",
  name: "Comcast Xfinity",
  kind: "oauth",
  match: { domains: ["comcast.net"], mx: [{ suffix: "comcast.net" }] },
  oauth: {
    issuer: "https://oauth.xfinity.com",
    endpoints: {
      authorization: "https://oauth.xfinity.com/oauth/authorize",
      token: "https://oauth.xfinity.com/oauth/token",
    },
    discovery: "unknown",
    scopes: {
      imap: ["https://email.comcast.net/"],
      pop3: ["https://email.comcast.net/"],
      smtp: ["https://email.comcast.net/"],
      offline: [],
      identity: ["profile", "openid"],
    },
    scopeSeparator: " ",
    pkce: "accepted",
    clientSecret: "required",
    redirect: { uri: FIXED_LOOPBACK, port: "as-registered" },
    authorizationParameters: {},
    device: { flow: "none", verificationHosts: [] },
  },
  mail: {
    imap: implicit("imap.comcast.net", 993, ["oauth", "password"], {
      alternatives: [{ host: "imap.comcast.net", port: 143, tls: "starttls" }],
    }),
    pop3: implicit("mail.comcast.net", 995, ["oauth", "password"], {
      alternatives: [
        { host: "pop.comcast.net", port: 995, tls: "implicit" },
        { host: "mail.comcast.net", port: 110, tls: "starttls" },
      ],
    }),
    smtp: implicit("smtp.comcast.net", 465, ["oauth", "password"], {
      alternatives: [{ host: "smtp.comcast.net", port: 587, tls: "starttls" }],
    }),
    mechanism: "auto",
  },
  appPassword: {
    offered: "no",
    note: "The account's own password works once third-party access is allowed in the mail settings.",
  },
  quirks: {
    "moving-to-yahoo":
      "Comcast moves its mailboxes to Yahoo, one by one, with the same addresses. A moved one is signed in to at Yahoo.",
    "third-party-access":
      "Other mail programs must be allowed first: in Xfinity's mail settings, under Security, Third Party Access Security.",
  },
  errors: [],
  registration: {
    how: "by-request",
    text: "There is no public page where Comcast gives client ids; Thunderbird has one by agreement.",
    shortWay:
      "Allow third-party access in Xfinity's mail settings and give Postern the account's password. If the mailbox has moved to Yahoo, make an app password there.",
    steps: [
      {
        id: "access",
        title: "Allow other mail programs",
        text: "In Xfinity's mail settings, under Security, tick the box that allows access by other programs.",
        url: "https://www.xfinity.com/support/articles/third-party-email-access",
      },
    ],
  },
  facts: {
    "match.domains": seen(ispdb("comcast.net")),
    "match.mx": assumed(),
    "oauth.issuer": assumed("the host of the endpoints; Mozilla's database calls it comcast.net"),
    "oauth.endpoints": seen(THUNDERBIRD, ispdb("comcast.net")),
    "oauth.discovery": assumed("not known"),
    "oauth.scopes": seen(THUNDERBIRD, ispdb("comcast.net")),
    "oauth.scopeSeparator": seen(THUNDERBIRD),
    "oauth.pkce": seen(THUNDERBIRD),
    "oauth.clientSecret": seen(THUNDERBIRD),
    "oauth.redirect": assumed("Thunderbird has http://localhost; whether the port is compared is not known"),
    "oauth.device": assumed("none seen"),
    mail: seen(ispdb("comcast.net"), THUNDERBIRD),
    "mail.mechanism": assumed("not known"),
    appPassword: assumed(),
    "quirks.moving-to-yahoo": seen("tecknexus.com, 2025"),
    "quirks.third-party-access": seen(ispdb("comcast.net")),
    registration: assumed(),
    "registration.steps.0.url": seen(ispdb("comcast.net")),
  },
  unknown: ["Which SASL mechanisms Comcast announces", "Limits"],
});
