// The one control contract: every method's name, what it takes and what it gives. Fronts (CLI, tray, window) import
// this and nothing else. Invariant: no answer has a field for a refresh token, an access token or a client secret.
import { z } from "zod";

const email = z.string().max(320);
const host = z
  .string()
  .min(1)
  .max(253)
  .regex(/^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]+)$/, "is not a host name or address");
const httpsUrl = z.url({ protocol: /^https$/, error: "must be an https URL" }).max(2048);

export const mailServerSchema = z.strictObject({
  host,
  port: z.int().min(1).max(65_535),
  tls: z.enum(["implicit", "starttls"]),
});

export const accountSettingsSchema = z.strictObject({
  email: email.regex(/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u, "is not a mail address"),
  issuer: httpsUrl,
  endpoints: z.strictObject({ authorization: httpsUrl, token: httpsUrl }).optional(),
  clientId: z.string().min(1, "is empty").max(512),
  scope: z
    .string()
    .min(1)
    .max(2048)
    .regex(/^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/, "is a list of words with single spaces"),
  redirectPath: z
    .string()
    .max(256)
    .regex(/^\/[A-Za-z0-9._~/-]*$/, "is a path like /callback"),
  imap: mailServerSchema,
  smtp: mailServerSchema,
  mechanism: z.enum(["auto", "xoauth2", "oauthbearer"]),
});

const statusSchema = z.strictObject({
  kind: z.enum(["working", "needs-you", "offline", "blocked", "signed-out"]),
  code: z.string().optional(),
  sentence: z.string(),
  action: z.string().optional(),
  detail: z.string().optional(),
  retryAt: z.number().optional(),
});

const accountSchema = accountSettingsSchema.extend({
  id: z.string(),
  hasClientSecret: z.boolean(),
  status: statusSchema,
  accessTokenExpiresAt: z.number().optional(),
  signInsWaiting: z.int(),
  sessions: z.int(),
});

const localPasswordSchema = z.strictObject({
  name: z.string(),
  createdAt: z.number(),
  lastUsedAt: z.number().optional(),
});

const listenerSchema = z.strictObject({
  protocol: z.enum(["imap", "smtp"]),
  address: z.string(),
  port: z.int().optional(),
  state: z.enum(["listening", "taken", "absent", "failed", "closed"]),
  reason: z.string().optional(),
});

export const snapshotSchema = z.strictObject({
  version: z.string(),
  processId: z.int(),
  startedAt: z.number(),
  home: z.string(),
  keychain: z.strictObject({
    kind: z.enum(["file", "os", "none"]),
    ready: z.boolean(),
    code: z.string().optional(),
    sentence: z.string(),
    action: z.string().optional(),
    detail: z.string().optional(),
  }),
  listeners: z.array(listenerSchema),
  accounts: z.array(accountSchema),
  /** What a person should know about Postern itself: damaged files and the like. */
  notices: z.array(z.string()),
});

const failureDetailSchema = z.strictObject({
  code: z.string(),
  temporary: z.boolean(),
  sentence: z.string(),
  action: z.string(),
  detail: z.string().optional(),
});

const localPasswordName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}]+$/u, "has control characters");
const nothing = z.strictObject({});

/** Changes to the settings; what is left out stays. */
const settingsSchema = z.strictObject({
  imapPort: z.int().min(0).max(65_535),
  smtpPort: z.int().min(0).max(65_535),
  failureStyle: z.enum(["gentle", "strict"]),
  authorityFile: z.string().max(4096).optional(),
});

/** Every method of the control API: POST /control/NAME with a JSON body. */
export const contract = {
  status: { request: nothing, response: snapshotSchema },
  "account.add": {
    request: z.strictObject({
      settings: accountSettingsSchema,
      clientSecret: z.string().min(1).max(4096).optional(),
    }),
    response: accountSchema,
  },
  "account.show": { request: z.strictObject({ email }), response: accountSchema },
  "account.remove": { request: z.strictObject({ email }), response: nothing },
  /** Signs in along every leg of the way and tells which one fails. */
  "account.test": {
    request: z.strictObject({ email }),
    response: z.strictObject({
      works: z.boolean(),
      conclusion: z.string(),
      legs: z.array(
        z.strictObject({
          leg: z.enum(["sign-in", "imap-direct", "imap-local", "smtp-direct", "smtp-local"]),
          works: z.boolean(),
          milliseconds: z.int(),
          failure: failureDetailSchema.optional(),
        }),
      ),
    }),
  },
  "sign-in.start": {
    /** `anyIdentity`: a person has agreed that whoever signs in may have another address than the account's. */
    request: z.strictObject({ email, anyIdentity: z.boolean().optional() }),
    response: z.strictObject({ attemptId: z.string(), authorizationUrl: z.string() }),
  },
  /** Answers when the person has finished, or the attempt has ended. An attempt is over when nobody asks this in 3 s. */
  "sign-in.wait": { request: z.strictObject({ attemptId: z.string().max(64) }), response: nothing },
  "sign-in.cancel": { request: z.strictObject({ attemptId: z.string().max(64) }), response: nothing },
  "password.create": {
    request: z.strictObject({ email, name: localPasswordName }),
    /** The only answer with a secret: a local password, shown once to the person who asked for it. */
    response: z.strictObject({ password: z.string() }),
  },
  "password.list": {
    request: z.strictObject({ email }),
    response: z.strictObject({ passwords: z.array(localPasswordSchema) }),
  },
  "password.revoke": { request: z.strictObject({ email, name: localPasswordName }), response: nothing },
  "settings.show": { request: nothing, response: settingsSchema },
  "settings.change": {
    request: settingsSchema.partial().extend({ authorityFile: z.string().max(4096).nullable().optional() }),
    response: z.strictObject({ settings: settingsSchema, restartNeeded: z.boolean() }),
  },
  stop: { request: nothing, response: nothing },
} as const satisfies Record<string, { request: z.ZodType; response: z.ZodType }>;

export type Method = keyof typeof contract;
export type Request<M extends Method> = z.infer<(typeof contract)[M]["request"]>;
export type Response<M extends Method> = z.infer<(typeof contract)[M]["response"]>;
export type Snapshot = z.infer<typeof snapshotSchema>;
export type AccountView = z.infer<typeof accountSchema>;
export type AccountSettings = z.infer<typeof accountSettingsSchema>;
export type SettingsView = z.infer<typeof settingsSchema>;

/** The body of every answer that is not 200. */
export const failureSchema = z.strictObject({ error: failureDetailSchema });
export type Failure = z.infer<typeof failureSchema>["error"];

/** What the daemon leaves for its fronts in the per-user file `control.json`. */
export const controlFileSchema = z.strictObject({
  /** A Unix socket's path or a named pipe. */
  endpoint: z.string().min(1),
  secret: z.string().min(32),
  processId: z.int(),
});
export type ControlFile = z.infer<typeof controlFileSchema>;

export const controlPath = (method: Method): string => `/control/${method}`;
/** Where a caller makes the daemon prove that it knows the secret, before the caller sends it. */
export const PROOF_PATH = "/control-proof";
