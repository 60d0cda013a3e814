// The recorded rows of servers that are somebody's own: addresses are found, scopes and mechanism are the preset's.
import type { DeviceRecord, ImapRecord, Json, OAuthRecord, SmtpRecord } from "./preset-record.ts";

const EMAIL = "alice@example.org";
const CLIENT_ID = "postern";
const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

interface OwnServer extends Pick<OAuthRecord, "id" | "source" | "secretRule" | "issuer" | "scope"> {
  readonly authorization: string;
  readonly token: string;
  readonly device: string;
  readonly revocation?: string;
  /** Where the metadata lies. */
  readonly wellKnown: string;
  readonly metadataExtras?: Json;
  readonly redirectExtras?: OAuthRecord["redirectExtras"];
  readonly imap: ImapRecord;
  readonly smtp: SmtpRecord;
}

function ownServer(server: OwnServer): OAuthRecord {
  const { id, source, secretRule, issuer, scope, authorization, token, revocation, imap, smtp } = server;
  const isOpenId = scope.split(" ").includes("openid");
  const answer = (access: string, refresh: string): Json => ({
    access_token: access,
    token_type: "Bearer",
    expires_in: 600,
    refresh_token: refresh,
    scope,
  });
  return {
    id,
    source,
    email: EMAIL,
    clientId: CLIENT_ID,
    secretRule,
    issuer,
    metadata: {
      [server.wellKnown]: {
        issuer,
        authorization_endpoint: authorization,
        token_endpoint: token,
        device_authorization_endpoint: server.device,
        ...(revocation === undefined ? {} : { revocation_endpoint: revocation }),
        jwks_uri: `${new URL(issuer).origin}/jwks`,
        response_types_supported: ["code"],
        code_challenge_methods_supported: ["S256"],
        ...server.metadataExtras,
      },
    },
    authorization,
    scope,
    redirectUri: "http://127.0.0.1:{port}/callback",
    // OpenID Connect Core §11: a refresh token only with consent.
    parameters: { prompt: "consent", ...(isOpenId ? { nonce: "{nonce}" } : {}) },
    redirectExtras: server.redirectExtras ?? {},
    token,
    issued: answer("own.first", "own-refresh-first"),
    renewed: answer("own.second", "own-refresh-second"),
    ...(isOpenId ? { idToken: { iss: issuer, email: EMAIL } } : {}),
    understood: {
      lifetime: 600,
      identity: isOpenId ? EMAIL : undefined,
      kept: ["own-refresh-second"],
    },
    ...(revocation === undefined ? {} : { revocation }),
    device: deviceAt(server.device, issuer),
    imap,
    smtp,
  };
}

function deviceAt(endpoint: string, issuer: string): DeviceRecord {
  const page = `${new URL(issuer).origin}/device`;
  return {
    flow: "offered",
    endpoint,
    answer: {
      device_code: "own-device-code",
      user_code: "WDJB-MJHT",
      verification_uri: page,
      expires_in: 900,
      interval: 5,
    },
    page,
    // The metadata says that S256 is known.
    begins: { code_challenge: "{challenge}", code_challenge_method: "S256" },
    asks: { grant_type: DEVICE_GRANT, device_code: "own-device-code", code_verifier: "{verifier}" },
  };
}

/** Dovecot 2.3.19, as in facts/transcripts/imap-oauthbearer-*. */
const dovecotImap: ImapRecord = {
  place: "imap.example.org:993",
  accepts: ["oauth", "password"],
  greeting:
    "* OK [CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ AUTH=PLAIN AUTH=XOAUTH2 AUTH=OAUTHBEARER] Dovecot ready.",
  capability:
    "IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ AUTH=PLAIN AUTH=XOAUTH2 AUTH=OAUTHBEARER",
  success: [
    "* CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE SORT SORT=DISPLAY THREAD=REFERENCES MULTIAPPEND UNSELECT CHILDREN NAMESPACE UIDPLUS LIST-EXTENDED CONDSTORE QRESYNC ESEARCH WITHIN LIST-STATUS BINARY MOVE LITERAL+ NOTIFY SPECIAL-USE",
    "{tag} OK Logged in",
  ],
  challenge:
    '{"status":"invalid_token","openid-configuration":"https://login.example.org/realms/mail/.well-known/openid-configuration"}',
  refusal: "NO [AUTHENTICATIONFAILED] Authentication failed.",
  says: ["T1 AUTHENTICATE OAUTHBEARER {message}"],
  message: "n,a=alice@example.org,^Ahost=imap.example.org^Aport=993^Aauth=Bearer {token}^A^A",
  failureReply: "AQ==",
  told: "OAUTHBEARER: status invalid_token; it said NO [AUTHENTICATIONFAILED] Authentication failed.",
};

/** Postfix 3.7.11 with Dovecot's SASL, as in facts/transcripts/smtp-oauthbearer-*. */
const postfixSmtp: SmtpRecord = {
  place: "smtp.example.org:465",
  tls: "implicit",
  accepts: ["oauth", "password"],
  greeting: "220 smtp.example.org ESMTP Postfix",
  ehlo: [
    "smtp.example.org",
    "PIPELINING",
    "SIZE 52428800",
    "ETRN",
    "AUTH PLAIN XOAUTH2 OAUTHBEARER",
    "ENHANCEDSTATUSCODES",
    "8BITMIME",
    "DSN",
    "SMTPUTF8",
    "CHUNKING",
  ],
  success: "235 2.7.0 Authentication successful",
  challenge:
    '{"status":"invalid_token","openid-configuration":"https://login.example.org/realms/mail/.well-known/openid-configuration"}',
  refusal: "535 5.7.8 Error: authentication failed: (reason unavailable)",
  says: ["EHLO [127.0.0.1]", "AUTH OAUTHBEARER", "{message}"],
  message: "n,a=alice@example.org,^Ahost=smtp.example.org^Aport=465^Aauth=Bearer {token}^A^A",
  failureReply: "AQ==",
  told: "OAUTHBEARER: status invalid_token; it said 535 5.7.8 Error: authentication failed: (reason unavailable)",
};

export const selfHostedRecords: readonly OAuthRecord[] = [
  ownServer({
    id: "stalwart",
    source: "providers.md §2; stalw.art/docs/auth/oauth on endpoints and mail clients; its words assumed",
    secretRule: "none",
    issuer: "https://mail.example.org",
    scope: "urn:ietf:params:oauth:scope:mail offline_access",
    authorization: "https://mail.example.org/authorize/code",
    token: "https://mail.example.org/auth/token",
    device: "https://mail.example.org/auth/device",
    wellKnown: "https://mail.example.org/.well-known/oauth-authorization-server",
    imap: {
      ...dovecotImap,
      greeting:
        "* OK [CAPABILITY IMAP4rev2 IMAP4rev1 ENABLE SASL-IR LITERAL+ ID AUTH=OAUTHBEARER AUTH=PLAIN] Stalwart IMAP4rev2 at your service.",
      success: ["{tag} OK [CAPABILITY IMAP4rev2 IMAP4rev1 IDLE NAMESPACE UIDPLUS] Authentication successful"],
      challenge: '{"status":"invalid_token"}',
    },
    smtp: {
      ...postfixSmtp,
      greeting: "220 smtp.example.org Stalwart ESMTP at your service",
      ehlo: [
        "smtp.example.org you had me at EHLO",
        "AUTH OAUTHBEARER PLAIN LOGIN",
        "SIZE 104857600",
        "8BITMIME",
      ],
      success: "235 2.7.0 Authentication succeeded.",
      challenge: '{"status":"invalid_token"}',
    },
  }),
  ownServer({
    id: "dovecot",
    source: "providers.md §2; facts/transcripts; Keycloak's usual addresses",
    secretRule: "optional",
    issuer: "https://login.example.org/realms/mail",
    scope: "offline_access openid email",
    authorization: "https://login.example.org/realms/mail/protocol/openid-connect/auth",
    token: "https://login.example.org/realms/mail/protocol/openid-connect/token",
    device: "https://login.example.org/realms/mail/protocol/openid-connect/auth/device",
    revocation: "https://login.example.org/realms/mail/protocol/openid-connect/revoke",
    wellKnown: "https://login.example.org/realms/mail/.well-known/openid-configuration",
    metadataExtras: { authorization_response_iss_parameter_supported: true },
    redirectExtras: { iss: "https://login.example.org/realms/mail" },
    imap: dovecotImap,
    smtp: postfixSmtp,
  }),
  ownServer({
    id: "docker-mailserver",
    source: "providers.md §2; facts/transcripts; Authentik's usual addresses, its issuer's slash included",
    secretRule: "optional",
    issuer: "https://auth.example.org/application/o/mail/",
    scope: "offline_access openid email",
    authorization: "https://auth.example.org/application/o/authorize/",
    token: "https://auth.example.org/application/o/token/",
    device: "https://auth.example.org/application/o/device/",
    wellKnown: "https://auth.example.org/application/o/mail/.well-known/openid-configuration",
    imap: dovecotImap,
    smtp: postfixSmtp,
  }),
  ownServer({
    id: "cyrus",
    source: "providers.md §2: XOAUTH2 by a SASL plugin; its words assumed",
    secretRule: "optional",
    issuer: "https://login.example.org",
    scope: "offline_access openid email",
    authorization: "https://login.example.org/authorize",
    token: "https://login.example.org/token",
    device: "https://login.example.org/device-authorization",
    wellKnown: "https://login.example.org/.well-known/openid-configuration",
    imap: {
      ...dovecotImap,
      greeting:
        "* OK [CAPABILITY IMAP4rev1 LITERAL+ ID ENABLE AUTH=PLAIN AUTH=XOAUTH2 SASL-IR] imap.example.org Cyrus IMAP 3.6.1 server ready",
      success: ["{tag} OK [CAPABILITY IMAP4rev1 LITERAL+ ID ENABLE IDLE UIDPLUS] User logged in"],
      challenge: '{"status":"401","schemes":"bearer","scope":"email"}',
      refusal: "NO authentication failure",
      says: ["T1 AUTHENTICATE XOAUTH2 {message}"],
      message: "user=alice@example.org^Aauth=Bearer {token}^A^A",
      failureReply: "",
      told: "XOAUTH2: status 401, scope email; it said NO authentication failure",
    },
    smtp: {
      ...postfixSmtp,
      ehlo: ["smtp.example.org", "SIZE 52428800", "AUTH PLAIN XOAUTH2", "8BITMIME"],
      challenge: '{"status":"401","schemes":"bearer","scope":"email"}',
      says: ["EHLO [127.0.0.1]", "AUTH XOAUTH2", "{message}"],
      message: "user=alice@example.org^Aauth=Bearer {token}^A^A",
      failureReply: "",
      told: "XOAUTH2: status 401, scope email; it said 535 5.7.8",
    },
  }),
  ownServer({
    id: "generic",
    source: "providers.md §2: draft-ietf-mailmaint-oauth-public; facts/transcripts",
    secretRule: "optional",
    issuer: "https://login.example.org",
    scope: "urn:ietf:params:oauth:scope:mail offline_access openid email",
    authorization: "https://login.example.org/authorize",
    token: "https://login.example.org/token",
    device: "https://login.example.org/device-authorization",
    revocation: "https://login.example.org/revoke",
    wellKnown: "https://login.example.org/.well-known/openid-configuration",
    imap: dovecotImap,
    smtp: postfixSmtp,
  }),
];
