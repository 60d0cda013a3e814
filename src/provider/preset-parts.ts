// The parts of a preset and their schemas: where a mailbox is, how to sign in, how somebody gets a client id. Data only.
// Invariant: no part has a field for a client id or a client secret, and no address in it is without https.
import { z } from "zod";
import { type ErrorCode, isErrorCode } from "../errors/catalogue.ts";
import { isHostName } from "./domain.ts";

const text = z.string().min(1).max(2000);
const identifier = z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, "is not a word in lower case");
/** Canonical already: what is written here is compared as it is. */
export const domain = z
  .string()
  .refine((name) => isHostName(name) && name === name.toLowerCase(), "is no domain in lower case");
/** A page for people. */
const page = z.url({ protocol: /^https$/ }).max(512);
/** `{tenant}` stands for the person's own tenant. */
const endpoint = z
  .string()
  .max(512)
  .regex(/^https:\/\/[a-z0-9.-]+(?:\/(?:[A-Za-z0-9._~/-]|\{tenant\})*)?$/, "is no https address");
const scopes = z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, "is no scope (RFC 6749 §3.3)"));

/** By what somebody's provider is known. */
export const matchSchema = z.strictObject({
  /** Mail domains, whole. */
  domains: z.array(domain),
  /** One name under many countries: each suffix makes one whole domain, and nothing else matches. */
  families: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z0-9-]+$/),
        suffixes: z.array(z.string().regex(/^[a-z]{2,}(?:\.[a-z]{2,})?$/)).min(1),
      }),
    )
    .optional(),
  /** Domains that are the provider's with everything below them: every customer has one. */
  parents: z.array(domain).optional(),
  /** Hosts that receive the provider's mail, by what they are or lie below. */
  mx: z.array(
    z.strictObject({
      suffix: domain,
      /** Domains of another provider's whose mailboxes have moved here: for them this host beats the domain. */
      movedDomains: z.array(domain).optional(),
    }),
  ),
});

/** Ways to prove who one is to a mail server. */
const accepts = z.array(z.enum(["oauth", "app-password", "password"])).min(1);
/** The SASL user name: the mailbox's address, or what stands before its @. */
const userName = z.enum(["address", "local-part", "preferred_username"]);
const port = z.int().min(1).max(65_535);
const tls = z.enum(["implicit", "starttls"]);

const placeSchema = z.strictObject({ host: domain, port, tls });
const serverSchema = placeSchema.extend({
  accepts,
  userName,
  /** Other ways to the same mailbox, best first. */
  alternatives: z.array(placeSchema).optional(),
});
/** A server whose name is the person's own. */
const unnamedServerSchema = serverSchema.omit({ host: true, alternatives: true });

/** What a program that is built by the book would get wrong. */
const mailBehaviour = z.enum([
  "xoauth2-not-advertised",
  "no-oauthbearer",
  "failure-with-json-challenge",
  "failure-without-challenge",
  "cancel-answered-535",
  "session-outlives-token",
  "saves-sent-mail",
  "long-token-needs-two-steps",
]);

const mailDetails = {
  mechanism: z.enum(["auto", "xoauth2", "oauthbearer"]),
  behaviours: z.array(mailBehaviour).optional(),
};
export const mailSchema = z.strictObject({
  imap: serverSchema,
  pop3: serverSchema.optional(),
  smtp: serverSchema,
  ...mailDetails,
});
export const unnamedMailSchema = z.strictObject({
  imap: unnamedServerSchema,
  pop3: unnamedServerSchema.optional(),
  smtp: unnamedServerSchema,
  ...mailDetails,
});

/** What an OAuth client that is built by the book would get wrong. */
const oauthBehaviour = z.enum([
  "answers-without-offline-access",
  "lifetime-as-text",
  "keeps-refresh-token",
  "rotates-refresh-token",
  "revocation-not-rfc7009",
]);

const redirectSchema = z
  .strictObject({
    /** As registered. An https one is not listened at: the person pastes where their browser ends. */
    uri: z
      .string()
      .regex(
        /^(?:http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost)(?::[1-9]\d{0,4})?|https:\/\/[A-Za-z0-9.-]+)\/[A-Za-z0-9._~/-]*$/,
      ),
    /** Whether the provider ignores the port of a loopback address (RFC 8252 §7.3). */
    port: z.enum(["any", "as-registered", "not-listened"]),
  })
  .refine(({ uri, port: rule }) => {
    const { protocol, port: given } = new URL(uri);
    if (protocol === "https:") return rule === "not-listened";
    return rule === (given === "" ? "any" : "as-registered");
  }, "the port rule does not fit the address");

const oauthDetails = {
  /** Where the metadata is, if anywhere: OpenID Connect Discovery or RFC 8414. */
  discovery: z.enum(["openid", "rfc8414", "none", "unknown"]),
  scopes: z.strictObject({
    imap: scopes,
    pop3: scopes,
    smtp: scopes,
    /** For a refresh token. */
    offline: scopes,
    /** To learn who signed in. */
    identity: scopes,
  }),
  scopeSeparator: z.enum([" ", ","]),
  /** What the provider makes of it; it is always sent. */
  pkce: z.enum(["required", "accepted", "unknown"]),
  clientSecret: z.enum(["none", "required", "optional"]),
  redirect: redirectSchema,
  /** Beyond RFC 6749, in the authorization request. */
  authorizationParameters: z.record(z.string().regex(/^[a-z_]+$/), z.string().regex(/^[\x21-\x7e]+$/)),
  /** What `iss` says in the authorization response (RFC 9207), where the provider sends one. */
  responseIssuer: endpoint.optional(),
  device: z.strictObject({
    flow: z.enum(["offered", "not-for-mail", "none"]),
    /** Where a person may be sent to type the code, besides the hosts of the endpoints. */
    verificationHosts: z.array(domain),
  }),
  behaviours: z.array(oauthBehaviour).optional(),
};
export const oauthSchema = z
  .strictObject({
    issuer: endpoint,
    endpoints: z.strictObject({
      authorization: endpoint,
      token: endpoint,
      deviceAuthorization: endpoint.optional(),
      /** RFC 7009. */
      revocation: endpoint.optional(),
    }),
    /** Present where issuer and endpoints have a `{tenant}` in them. */
    tenant: z.strictObject({ default: z.string(), others: z.array(z.string()), advice: text }).optional(),
    ...oauthDetails,
  })
  .refine(
    ({ issuer, endpoints, tenant }) =>
      [issuer, ...Object.values(endpoints)]
        .filter((address) => address !== undefined)
        .every((address) => address.includes("{tenant}") === (tenant !== undefined)),
    "{tenant} stands in all addresses or in none, and then there is a default",
  );
/** Of an authorization server that is the person's own. */
export const unnamedOauthSchema = z.strictObject({
  /** What an issuer looks like there, to be shown. */
  issuerExample: endpoint,
  ...oauthDetails,
});

export const limitsSchema = z.strictObject({
  imapConnections: z.int().min(1).optional(),
  messageMegabytes: z.int().min(1).optional(),
  messagesPerDay: z.int().min(1).optional(),
  recipientsPerDay: z.int().min(1).optional(),
  messagesPerMinute: z.int().min(1).optional(),
  minutesBetweenPop3Checks: z.int().min(1).optional(),
});

export const appPasswordSchema = z.discriminatedUnion("offered", [
  z.strictObject({
    /** "with-two-step": only once two-step verification is on. */
    offered: z.enum(["yes", "with-two-step"]),
    /** What it is called there. */
    name: text,
    page: page.optional(),
    note: text.optional(),
  }),
  z.strictObject({ offered: z.literal("no"), note: text }),
]);

/** Another program that is the way to the mailbox. */
export const insteadSchema = z.strictObject({ name: text, text, page });

/** What the provider says when something fails, and what it means there. */
export const providerErrorSchema = z.union([
  z.strictObject({
    where: z.enum(["sign-in", "imap", "pop3", "smtp"]),
    /** A part of the answer, whatever its case. */
    says: text,
    /** The catalogue tells it. */
    code: z.custom<ErrorCode>((code) => typeof code === "string" && isErrorCode(code), "is no error code"),
  }),
  z.strictObject({
    where: z.enum(["sign-in", "imap", "pop3", "smtp"]),
    says: text,
    sentence: text,
    action: text,
  }),
]);

const checkSchema = z.discriminatedUnion("kind", [
  /** A text that a person copied from the provider looks right. */
  z.strictObject({ kind: z.literal("client-id-shape"), pattern: z.string().regex(/^\^.*\$$/) }),
  z.strictObject({ kind: z.literal("client-secret-given") }),
  /** The tenant's metadata exists. */
  z.strictObject({ kind: z.literal("tenant-exists") }),
  /** The authorization endpoint shows a sign-in page, not an error, for client id, redirect address and scopes. */
  z.strictObject({ kind: z.literal("authorize-endpoint-accepts") }),
  /** The token endpoint refuses a made-up code as `invalid_grant`, and not the client as `invalid_client`. */
  z.strictObject({ kind: z.literal("token-endpoint-knows-client") }),
  /** Cannot be seen from outside: the person confirms, and a sign-in that ends after seven days proves the opposite. */
  z.strictObject({ kind: z.literal("published") }),
  /** A sign-in and a login at both mail servers succeed. */
  z.strictObject({ kind: z.literal("signs-in") }),
]);

export const registrationSchema = z.strictObject({
  /** "not-needed": the provider takes any client id, or registers programs by itself (RFC 7591). */
  how: z.enum(["self-service", "by-request", "own-server", "not-needed"]),
  /** What awaits the person, before the first step. */
  text,
  /** A quicker way to the same mailbox, and when it is enough. */
  shortWay: text.optional(),
  /** In order. The ids are kept, so that a person can go on where they stopped. */
  steps: z.array(
    z.strictObject({
      id: identifier,
      title: text,
      text,
      url: page.optional(),
      /** Values to paste there. The words in capitals are filled in: see TEMPLATE_WORDS. */
      copy: z.array(z.strictObject({ label: text, value: text })).optional(),
      check: checkSchema.optional(),
    }),
  ),
});

/** The words that a registration guide's values may have in them. */
export const TEMPLATE_WORDS = ["REDIRECT-URI", "SCOPES", "CLIENT-ID", "TENANT", "EMAIL"] as const;

export const commonShape = {
  id: identifier,
  name: text,
  match: matchSchema,
  limits: limitsSchema.optional(),
  appPassword: appPasswordSchema,
  /** What a person should know, each under a name of its own. */
  quirks: z.record(identifier, text),
  errors: z.array(providerErrorSchema),
  registration: registrationSchema.optional(),
  facts: z.record(z.string(), z.strictObject({ source: text, verified: z.boolean() })),
  /** What could not be found out, in sentences. */
  unknown: z.array(text),
};
