// The recorded rows of providers that take passwords only.
import type { PasswordRecord } from "./preset-record.ts";

interface Provider {
  readonly id: string;
  readonly source: string;
  readonly email: string;
  /** What is said between the octets 0, in that order. */
  readonly imapUser: string;
  readonly smtpUser: string;
  readonly imapHost: string;
  readonly smtp: readonly [host: string, port: number, tls: "implicit" | "starttls"];
  readonly accepts: PasswordRecord["imap"]["accepts"];
  /** Of the greeting, or of the answer to CAPABILITY where `asks` is true. */
  readonly capability: string;
  readonly asks?: boolean;
  readonly mechanisms: string;
  readonly refusals: readonly [imap: string, smtp: string];
}

const PASSWORD = "käse 12;brot";

function passwordProvider(provider: Provider): PasswordRecord {
  const { id, source, email, accepts, capability, asks = false } = provider;
  const [smtpHost, smtpPort, tls] = provider.smtp;
  const [imapRefusal, smtpRefusal] = provider.refusals;
  const hasInitialResponse = capability.includes("SASL-IR");
  const first = asks ? 2 : 1;
  const keywords = ["SIZE 141557760", "8BITMIME"];
  return {
    id,
    source,
    email,
    password: PASSWORD,
    imap: {
      place: `${provider.imapHost}:993`,
      accepts,
      greeting: asks ? "* OK ready" : `* OK [CAPABILITY ${capability}] ready`,
      capability,
      success: ["{tag} OK [CAPABILITY IMAP4rev1 IDLE UIDPLUS] in"],
      refusal: imapRefusal,
      says: [
        ...(asks ? ["T1 CAPABILITY"] : []),
        ...(hasInitialResponse
          ? [`T${first} AUTHENTICATE PLAIN {message}`]
          : [`T${first} AUTHENTICATE PLAIN`, "{message}"]),
      ],
      message: `^0${provider.imapUser}^0${PASSWORD}`,
    },
    smtp: {
      place: `${smtpHost}:${smtpPort}`,
      tls,
      accepts,
      greeting: `220 ${smtpHost} ESMTP`,
      ehlo: [smtpHost, ...keywords, `AUTH ${provider.mechanisms}`],
      ehloInClear: [smtpHost, ...keywords, "STARTTLS"],
      success: "235 2.7.0 in",
      refusal: smtpRefusal,
      says: [
        "EHLO [127.0.0.1]",
        ...(tls === "starttls" ? ["STARTTLS", "EHLO [127.0.0.1]"] : []),
        "AUTH PLAIN",
        "{message}",
      ],
      message: `^0${provider.smtpUser}^0${PASSWORD}`,
    },
  };
}

/** 1&1's mail platform, which GMX, WEB.DE and mail.com stand on too. */
const ONE_AND_ONE =
  "IMAP4rev1 CHILDREN ENABLE ID IDLE LIST-EXTENDED LIST-STATUS LITERAL- MOVE NAMESPACE SASL-IR SORT SPECIAL-USE THREAD=ORDEREDSUBJECT UIDPLUS UNSELECT WITHIN AUTH=LOGIN AUTH=PLAIN";
const ONE_AND_ONE_REFUSALS = ["NO authentication failed", "535 Authentication credentials invalid"] as const;
const USUAL_REFUSALS = [
  "NO [AUTHENTICATIONFAILED] Authentication failed.",
  "535 5.7.8 Error: authentication failed",
] as const;

export const passwordRecords: readonly PasswordRecord[] = [
  passwordProvider({
    id: "icloud",
    source:
      "providers.md §3; the user name rule from Mozilla's database; the capability line as captured in 2026",
    email: "alice@icloud.com",
    imapUser: "alice",
    smtpUser: "alice@icloud.com",
    imapHost: "imap.mail.me.com",
    smtp: ["smtp.mail.me.com", 587, "starttls"],
    accepts: ["app-password"],
    // It announces a token's mechanism too, for Apple's own programs.
    capability: "XAPPLEPUSHSERVICE IMAP4 IMAP4rev1 SASL-IR AUTH=ATOKEN AUTH=PLAIN AUTH=ATOKEN2 AUTH=XOAUTH2",
    mechanisms: "LOGIN PLAIN ATOKEN ATOKEN2 XOAUTH2",
    refusals: ["NO [AUTHENTICATIONFAILED] Authentication Failed", "535 5.7.8 Error: authentication failed"],
  }),
  passwordProvider({
    id: "gmx",
    source: "providers.md §3; the capability line as captured",
    email: "alice@gmx.de",
    imapUser: "alice@gmx.de",
    smtpUser: "alice@gmx.de",
    imapHost: "imap.gmx.net",
    smtp: ["mail.gmx.net", 465, "implicit"],
    accepts: ["password", "app-password"],
    capability: ONE_AND_ONE,
    mechanisms: "LOGIN PLAIN",
    refusals: ONE_AND_ONE_REFUSALS,
  }),
  passwordProvider({
    id: "gmx-com",
    source: "Mozilla's database",
    email: "alice@gmx.com",
    imapUser: "alice@gmx.com",
    smtpUser: "alice@gmx.com",
    imapHost: "imap.gmx.com",
    smtp: ["mail.gmx.com", 465, "implicit"],
    accepts: ["password", "app-password"],
    capability: ONE_AND_ONE,
    mechanisms: "LOGIN PLAIN",
    refusals: ONE_AND_ONE_REFUSALS,
  }),
  passwordProvider({
    id: "web-de",
    source: "providers.md §3; the user name rule from Mozilla's database",
    email: "alice@web.de",
    imapUser: "alice",
    smtpUser: "alice",
    imapHost: "imap.web.de",
    smtp: ["smtp.web.de", 465, "implicit"],
    accepts: ["password", "app-password"],
    capability: ONE_AND_ONE,
    mechanisms: "LOGIN PLAIN",
    refusals: ONE_AND_ONE_REFUSALS,
  }),
  passwordProvider({
    id: "mail-com",
    source: "Mozilla's database",
    email: "alice@mail.com",
    imapUser: "alice@mail.com",
    smtpUser: "alice@mail.com",
    imapHost: "imap.mail.com",
    smtp: ["smtp.mail.com", 465, "implicit"],
    accepts: ["password", "app-password"],
    capability: ONE_AND_ONE,
    mechanisms: "LOGIN PLAIN",
    refusals: ONE_AND_ONE_REFUSALS,
  }),
  passwordProvider({
    id: "1und1",
    source: "Mozilla's database",
    email: "alice@online.de",
    imapUser: "alice@online.de",
    smtpUser: "alice@online.de",
    imapHost: "imap.1und1.de",
    smtp: ["smtp.1und1.de", 465, "implicit"],
    accepts: ["password"],
    capability: ONE_AND_ONE,
    mechanisms: "LOGIN PLAIN",
    refusals: ONE_AND_ONE_REFUSALS,
  }),
  passwordProvider({
    id: "t-online",
    source: "providers.md §3; the servers' words assumed",
    email: "alice@t-online.de",
    imapUser: "alice@t-online.de",
    smtpUser: "alice@t-online.de",
    imapHost: "secureimap.t-online.de",
    smtp: ["securesmtp.t-online.de", 465, "implicit"],
    accepts: ["app-password"],
    capability: "IMAP4rev1 ID IDLE LITERAL+ AUTH=PLAIN AUTH=LOGIN",
    asks: true,
    mechanisms: "LOGIN PLAIN",
    refusals: USUAL_REFUSALS,
  }),
  passwordProvider({
    id: "orange",
    source: "providers.md §1: Mozilla's database; the servers' words assumed",
    email: "alice@orange.fr",
    imapUser: "alice@orange.fr",
    smtpUser: "alice@orange.fr",
    imapHost: "imap.orange.fr",
    smtp: ["smtp.orange.fr", 465, "implicit"],
    accepts: ["password"],
    capability: "IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ AUTH=PLAIN",
    mechanisms: "PLAIN LOGIN",
    refusals: USUAL_REFUSALS,
  }),
  passwordProvider({
    id: "libero",
    source: "providers.md §1: Mozilla's database; the servers' words assumed",
    email: "alice@libero.it",
    imapUser: "alice@libero.it",
    smtpUser: "alice@libero.it",
    imapHost: "imapmail.libero.it",
    smtp: ["smtp.libero.it", 465, "implicit"],
    accepts: ["password", "app-password"],
    capability: "IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ AUTH=PLAIN",
    mechanisms: "LOGIN PLAIN",
    refusals: USUAL_REFUSALS,
  }),
];
