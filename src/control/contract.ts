// The one control contract: every method's name, what it takes and what it gives. Fronts (CLI, tray, window) import
// this and nothing else. Invariant: no answer has a field for a refresh token or a client secret, and only `token`
// has one for an access token.
import { z } from "zod";
import type { activitySchema, connectionSchema } from "./activity-shapes.ts";
import { providerMethods } from "./provider-contract.ts";
import { type policyViewSchema, settingsSchema, settingsViewSchema } from "./settings-shapes.ts";
import {
  accountChangesSchema,
  accountSchema,
  type accountSettingsSchema,
  discoverySchema,
  email,
  FLOWS,
  failureDetailSchema,
  host,
  httpsUrl,
  localPasswordName,
  localPasswordSchema,
  mailAddress,
  mailServerSchema,
  newAccountSchema,
  nothing,
  serviceSchema,
  signInOutcomeSchema,
  startedSignInSchema,
} from "./shapes.ts";
import { type eventSchema, type machineSchema, snapshotSchema } from "./snapshot-shapes.ts";

/** Every method of the control API: POST /control/NAME with a JSON body. */
export const contract = {
  status: { request: nothing, response: snapshotSchema },
  /** Asks DNS, the mail servers and the authorization server what they say about themselves. Sends nothing secret. */
  "account.discover": {
    request: z.strictObject({
      email: mailAddress,
      imap: mailServerSchema.optional(),
      smtp: mailServerSchema.optional(),
      issuer: httpsUrl.optional(),
      /** A preset that a person has chosen, in place of the one that would be recognised. */
      provider: z
        .string()
        .regex(/^[a-z0-9-]{1,64}$/)
        .optional(),
    }),
    response: discoverySchema,
  },
  "account.add": {
    request: z.strictObject({
      settings: newAccountSchema,
      clientSecret: z.string().min(1).max(4096).optional(),
    }),
    response: accountSchema,
  },
  "account.show": { request: z.strictObject({ email }), response: accountSchema },
  "account.change": {
    request: z.strictObject({ email, changes: accountChangesSchema }),
    response: accountSchema,
  },
  /** A person agrees that the account's tokens go to the hosts it names now. */
  "account.trust": {
    /** `hosts`: the ones that the person was shown, as `hostsChanged.now` has them. */
    request: z.strictObject({ email, hosts: z.array(z.string().max(2048)).max(8) }),
    response: accountSchema,
  },
  "account.remove": {
    request: z.strictObject({ email }),
    response: z.strictObject({ leftInKeychain: z.boolean() }),
  },
  "account.sign-out": {
    request: z.strictObject({ email, revoke: z.boolean() }),
    response: z.strictObject({
      /** "not-offered": the provider has no RFC 7009 endpoint. Signed out here in every case. */
      revocation: z.enum(["not-asked", "done", "not-offered", "nothing-to-revoke", "failed"]),
      failure: failureDetailSchema.optional(),
      /** The keychain could not be reached: it is removed there as soon as it can be, and not used meanwhile. */
      leftInKeychain: z.boolean(),
    }),
  },
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
    request: z.strictObject({
      email,
      /** "auto": what suits the provider and the machine. */
      flow: z.enum(["auto", ...FLOWS]),
      /** Whether a browser can be opened where the person is. */
      browserHere: z.boolean(),
      /** Instead of any free one, so that `ssh -L` can name it. */
      redirectPort: z.int().min(1).max(65_535).optional(),
      /** A person has agreed that whoever signs in may have another address than the account's. */
      anyIdentity: z.boolean().optional(),
      /** A person has agreed to a device flow whose address is on this host. */
      verificationHost: host.optional(),
      /** For "import". */
      refreshToken: z.string().min(1).max(65_536).optional(),
      /** The mailbox's password at the provider, for "password". */
      password: z.string().min(1).max(1024).optional(),
    }),
    response: startedSignInSchema,
  },
  /** What a person pasted: the whole redirect URL, its query, or the bare code. */
  "sign-in.answer": {
    request: z.strictObject({ attemptId: z.string().max(64), answer: z.string().min(1).max(16_384) }),
    response: nothing,
  },
  /** Answers when the person has finished, or the attempt has ended. An attempt is over when nobody asks this in 3 s. */
  "sign-in.wait": {
    request: z.strictObject({ attemptId: z.string().max(64) }),
    response: signInOutcomeSchema,
  },
  /** A person agrees that somebody else signed in than the account's address says. */
  "sign-in.agree": {
    request: z.strictObject({ attemptId: z.string().max(64) }),
    response: signInOutcomeSchema,
  },
  "sign-in.cancel": { request: z.strictObject({ attemptId: z.string().max(64) }), response: nothing },
  /** For programs that speak XOAUTH2 themselves. Off by default, recorded, never answered to a page. */
  token: {
    request: z.strictObject({ email }),
    response: z.strictObject({ accessToken: z.string(), expiresAt: z.number() }),
  },
  "password.create": {
    request: z.strictObject({ email, name: localPasswordName }),
    /** A local password, shown once to the person who asked for it. */
    response: z.strictObject({ password: z.string() }),
  },
  "password.list": {
    request: z.strictObject({ email }),
    response: z.strictObject({ passwords: z.array(localPasswordSchema) }),
  },
  "password.revoke": { request: z.strictObject({ email, name: localPasswordName }), response: nothing },
  "settings.show": { request: nothing, response: settingsViewSchema },
  "settings.change": {
    request: settingsSchema.partial().extend({
      authorityFile: z.string().max(4096).nullable().optional(),
      /** Kept in the keychain; null forgets it. */
      proxyPassword: z.string().min(1).max(1024).nullable().optional(),
    }),
    response: z.strictObject({ settings: settingsViewSchema }),
  },
  ...providerMethods,
  /** Mail programs are told to come back later, until `resume` or a restart. */
  pause: { request: nothing, response: nothing },
  resume: { request: nothing, response: nothing },
  /** What a front has learnt of the machine: after a sleep or a change of network, dead connections are let go at once. */
  "machine.changed": {
    request: z.strictObject({ what: z.enum(["suspending", "resumed", "online", "offline"]) }),
    response: nothing,
  },
  /** Everything that helps somebody else to see what is wrong, as a text, with addresses shortened and nothing secret. */
  "diagnostics.show": { request: nothing, response: z.strictObject({ text: z.string() }) },
  /** Whether Postern starts with the machine or the person's session, without the tray app. */
  "service.show": { request: nothing, response: serviceSchema },
  "service.install": { request: nothing, response: serviceSchema },
  "service.remove": { request: nothing, response: serviceSchema },
  stop: { request: nothing, response: nothing },
} as const satisfies Record<string, { request: z.ZodType; response: z.ZodType }>;

export type Method = keyof typeof contract;
export type Request<M extends Method> = z.infer<(typeof contract)[M]["request"]>;
export type Response<M extends Method> = z.infer<(typeof contract)[M]["response"]>;
export type Activity = z.infer<typeof activitySchema>;
export type Discovery = z.infer<typeof discoverySchema>;
export type Snapshot = z.infer<typeof snapshotSchema>;
export type Connection = z.infer<typeof connectionSchema>;
export type Machine = z.infer<typeof machineSchema>;
export type PolicyView = z.infer<typeof policyViewSchema>;
export type Service = z.infer<typeof serviceSchema>;
export type AccountView = z.infer<typeof accountSchema>;
export type AccountSettings = z.infer<typeof accountSettingsSchema>;
export type SettingsView = z.infer<typeof settingsViewSchema>;

export type ControlEvent = z.infer<typeof eventSchema>;

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
/** POST with an empty object: events as lines of JSON, until somebody hangs up. */
export const EVENTS_PATH = "/control-events";
/** Where a caller makes the daemon prove that it knows the secret, before the caller sends it. */
export const PROOF_PATH = "/control-proof";
