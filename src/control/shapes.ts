// What the control API's requests and answers are made of, each checked on both sides.
import { z } from "zod";

export const email = z.string().max(320);
export const host = z
  .string()
  .min(1)
  .max(253)
  .regex(/^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]+)$/, "is not a host name or address");
export const mailAddress = email.regex(/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u, "is not a mail address");
export const saslUser = z
  .string()
  .min(1)
  .max(320)
  .regex(/^[^\p{Cc}]+$/u, "has control characters");
export const httpsUrl = z.url({ protocol: /^https$/, error: "must be an https URL" }).max(2048);

export const mailServerSchema = z.strictObject({
  host,
  port: z.int().min(1).max(65_535),
  tls: z.enum(["implicit", "starttls"]),
});

/** What both kinds of accounts have. */
const mailboxShape = {
  email: mailAddress,
  /** The preset that the settings came from. */
  provider: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/)
    .optional(),
  imap: mailServerSchema,
  smtp: mailServerSchema,
  /** The SASL user names, where the provider wants others than the mailbox (IMAP) and its owner (SMTP). */
  imapUser: saslUser.optional(),
  smtpUser: saslUser.optional(),
  /** Besides the address, for devices that cannot type an `@`. */
  localUser: z
    .string()
    .regex(/^[^\s@\p{Cc}"\\]{1,64}$/u, "is one word without @")
    .optional(),
};

export const endpointsSchema = z.strictObject({
  authorization: httpsUrl,
  token: httpsUrl,
  deviceAuthorization: httpsUrl.optional(),
  revocation: httpsUrl.optional(),
});

export const oauthSettingsSchema = z.strictObject({
  kind: z.literal("oauth"),
  ...mailboxShape,
  issuer: httpsUrl,
  endpoints: endpointsSchema.optional(),
  clientId: z.string().min(1, "is empty").max(512),
  /** With spaces (RFC 6749 §3.3), or joined by commas for a provider that wants it so. */
  scope: z
    .string()
    .min(1)
    .max(2048)
    .regex(/^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/, "is a list of words with single spaces"),
  /**
   * As registered (RFC 6749 §3.1.2). Without a port, any free one of this machine; an https address is one that Postern
   * does not listen at: the person pastes what their browser ends at.
   */
  redirectUri: z
    .string()
    .max(512)
    .regex(
      /^(?:http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost)(?::[1-9]\d{0,4})?|https:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?)\/[A-Za-z0-9._~/-]*$/,
      "is an address like http://127.0.0.1/callback, of this machine or https, with a path",
    ),
  /** Beyond RFC 6749, in the authorization request. */
  authorizationParameters: z
    .record(z.string().regex(/^[a-z_]{1,64}$/), z.string().regex(/^[\x20-\x7e]{1,256}$/))
    .readonly()
    .optional(),
  verificationHosts: z.array(host).max(16).readonly().optional(),
  mechanism: z.enum(["auto", "xoauth2", "oauthbearer"]),
  /** Who signs in, where that is not the mailbox itself: the delegate of a shared mailbox. */
  owner: mailAddress.optional(),
});

export const passwordSettingsSchema = z.strictObject({ kind: z.literal("password"), ...mailboxShape });

export const accountSettingsSchema = z.discriminatedUnion("kind", [
  oauthSettingsSchema,
  passwordSettingsSchema,
]);

/** As they are given: without a client id, Postern registers itself with the authorization server (RFC 7591). */
export const newAccountSchema = z.discriminatedUnion("kind", [
  oauthSettingsSchema.partial({ clientId: true }),
  passwordSettingsSchema,
]);

/** What an OAuth account is besides its settings. */
export const oauthAdditions = {
  hasClientSecret: z.boolean(),
  /** Whether `postern token` may hand out access tokens of this account. */
  tokenAccess: z.boolean(),
};

export const statusSchema = z.strictObject({
  kind: z.enum(["working", "needs-you", "offline", "blocked", "signed-out"]),
  code: z.string().optional(),
  sentence: z.string(),
  action: z.string().optional(),
  detail: z.string().optional(),
  /** A text to send to an administrator, ready as it is. */
  letter: z.string().optional(),
  retryAt: z.number().optional(),
});

export const localPasswordSchema = z.strictObject({
  name: z.string(),
  createdAt: z.number(),
  lastUsedAt: z.number().optional(),
});

const accountViewShape = {
  id: z.string(),
  status: statusSchema,
  /** What a person should know beside the status: a protocol that was not granted, an identity that was agreed to. */
  notices: z.array(z.string()),
  /** Who signed in, as far as the provider said. */
  identity: z.string().optional(),
  /** Present while the tokens are held back, because they would go to other hosts than a person agreed to. */
  hostsChanged: z.strictObject({ trusted: z.array(z.string()), now: z.array(z.string()) }).optional(),
  accessTokenExpiresAt: z.number().optional(),
  signInsWaiting: z.int(),
  sessions: z.int(),
  /** What mail programs log in with, the oldest first. */
  passwords: z.array(localPasswordSchema),
};

export const accountSchema = z.discriminatedUnion("kind", [
  oauthSettingsSchema.extend({ ...oauthAdditions, ...accountViewShape }),
  passwordSettingsSchema.extend(accountViewShape),
]);

export const listenerSchema = z.strictObject({
  protocol: z.enum(["imap", "smtp"]),
  address: z.string(),
  port: z.int().optional(),
  state: z.enum(["listening", "taken", "absent", "failed", "closed"]),
  reason: z.string().optional(),
});

export const failureDetailSchema = z.strictObject({
  code: z.string(),
  temporary: z.boolean(),
  sentence: z.string(),
  action: z.string(),
  detail: z.string().optional(),
  letter: z.string().optional(),
});

export const localPasswordName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}]+$/u, "has control characters");
export const nothing = z.strictObject({});

/** What a change to an account may touch; null removes. Everything else takes a new sign-in, so a new account. */
export const accountChangesSchema = z
  .strictObject({
    localUser: mailboxShape.localUser.unwrap().nullable(),
    owner: mailAddress.nullable(),
    imapUser: saslUser.nullable(),
    smtpUser: saslUser.nullable(),
    tokenAccess: z.boolean(),
  })
  .partial();

export const FLOWS = ["loopback", "paste", "device", "import", "password"] as const;

export const signInOutcomeSchema = z.discriminatedUnion("outcome", [
  z.strictObject({
    outcome: z.literal("signed-in"),
    identity: z.string().optional(),
    /** What was asked for and not granted, in words: "SMTP was not granted …". */
    notices: z.array(z.string()),
  }),
  /** Nothing is stored until `sign-in.agree`. */
  z.strictObject({ outcome: z.literal("somebody-else"), identity: z.string() }),
]);

export const startedSignInSchema = z.discriminatedUnion("flow", [
  z.strictObject({
    flow: z.enum(["loopback", "paste"]),
    attemptId: z.string(),
    authorizationUrl: z.string(),
    redirectUri: z.string(),
    /** Other flows that this provider may take, best first. */
    otherFlows: z.array(z.enum(FLOWS)),
  }),
  z.strictObject({
    flow: z.literal("device"),
    attemptId: z.string(),
    userCode: z.string(),
    verificationUri: z.string(),
    /** With the code in it, for a QR code or a link. */
    verificationUriComplete: z.string().optional(),
    /** Milliseconds since 1970. */
    expiresAt: z.number(),
    otherFlows: z.array(z.enum(FLOWS)),
  }),
  z.strictObject({ flow: z.enum(["import", "password"]), attemptId: z.string() }),
]);

const userNameRule = z.union([
  z.enum(["address", "local-part", "preferred_username"]),
  z.strictObject({ name: saslUser }),
]);

/** What was found out about a mail address; nothing of it is used before a person adds the account. */
export const discoverySchema = z.strictObject({
  /** "password": the provider takes only passwords, or app passwords. */
  kind: z.enum(["oauth", "password"]),
  /** The id of the built-in provider that everything here comes from. */
  provider: z.string().optional(),
  providerName: z.string().optional(),
  /** What told which built-in provider it is: only with "domain" its hosts are beyond doubt. */
  recognisedBy: z.enum(["domain", "mx", "autoconfig", "servers"]).optional(),
  imap: mailServerSchema.optional(),
  smtp: mailServerSchema.optional(),
  /** How the SASL user names follow from the address, or what they are. */
  userName: z.strictObject({ imap: userNameRule, smtp: userNameRule }),
  /** Where a client id for this provider is at hand: then none needs to be named. */
  clientIdFrom: z.enum(["registration", "policy", "build"]).optional(),
  /** What the mail servers take, where that is known. */
  accepts: z.array(z.enum(["oauth", "app-password", "password"])).optional(),
  mechanism: z.enum(["auto", "xoauth2", "oauthbearer"]),
  issuer: httpsUrl.optional(),
  endpoints: z
    .strictObject({
      authorization: httpsUrl,
      token: httpsUrl,
      deviceAuthorization: httpsUrl.optional(),
      revocation: httpsUrl.optional(),
    })
    .optional(),
  /** As the authorization request carries it. */
  scope: z.string().optional(),
  scopeSeparator: z.enum([" ", ","]),
  redirectUri: z.string(),
  clientSecret: z.enum(["none", "required", "optional"]),
  /** Beyond RFC 6749, in the authorization request. */
  authorizationParameters: z.record(z.string(), z.string()),
  /** Where a person may be sent to type a device code, besides the hosts of the endpoints. */
  verificationHosts: z.array(host),
  /** Whether the authorization server registers programs by itself (RFC 7591). */
  registersClients: z.boolean(),
  appPassword: z
    .discriminatedUnion("offered", [
      z.strictObject({
        offered: z.enum(["yes", "with-two-step"]),
        name: z.string(),
        page: httpsUrl.optional(),
        note: z.string().optional(),
      }),
      z.strictObject({ offered: z.literal("no"), note: z.string() }),
    ])
    .optional(),
  /** Another program that is the way to the mailbox. */
  instead: z.strictObject({ name: z.string(), text: z.string(), page: httpsUrl }).optional(),
  /** What a person should know before they begin. */
  quirks: z.array(z.string()),
  /** Each step in words, with the host that was asked. */
  trail: z.array(z.string()),
});

/** How Postern starts by itself on this system, where no tray app does it. */
export const serviceSchema = z.strictObject({
  kind: z.enum(["systemd-user", "launch-agent", "windows-logon", "none"]),
  installed: z.boolean(),
  /** The file or entry that makes it start. */
  path: z.string().optional(),
  /** What a person should know: why it cannot be installed, say. */
  notice: z.string().optional(),
});
