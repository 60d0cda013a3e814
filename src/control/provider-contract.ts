// The control methods about providers: what their live servers say, and how far somebody is on the way to a client id.
// Invariant: a client secret goes in and never comes out.
import { z } from "zod";
import { httpsUrl } from "./shapes.ts";

const provider = z
  .string()
  .max(64)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, "is no provider's id");
const stepId = z
  .string()
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/)
  .max(64);
/** A directory's id or one of its domains. */
export const tenantSchema = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/, "is no tenant");
/** RFC 6749 appendix A.1. */
export const clientIdSchema = z
  .string()
  .min(1, "is empty")
  .max(512)
  .regex(/^[\x21-\x7e]+$/, "is one word");

const findingSchema = z.strictObject({
  verdict: z.enum(["agrees", "differs", "learned", "not-asked"]),
  /** Of the preset: "oauth.endpoints.token". */
  path: z.string(),
  sentence: z.string(),
  preset: z.string().optional(),
  live: z.string().optional(),
});

export const registrationSchema = z.strictObject({
  provider,
  /** Ids of steps, in the order in which they were done. */
  done: z.array(stepId).max(64),
  clientId: clientIdSchema.optional(),
  hasClientSecret: z.boolean(),
  tenant: tenantSchema.optional(),
  /** Where the authorization server is somebody's own. */
  issuer: httpsUrl.optional(),
});

/** A provider's way to a client id, as a person walks it. */
const guideSchema = z.strictObject({
  name: z.string(),
  text: z.string(),
  shortWay: z.string().optional(),
  steps: z.array(
    z.strictObject({
      id: stepId,
      title: z.string(),
      text: z.string(),
      url: httpsUrl.optional(),
      /** To be pasted at the provider. */
      copy: z.array(z.strictObject({ label: z.string(), value: z.string() })),
      /** What a person brings back from it. */
      inputs: z.array(
        z.strictObject({
          input: z.enum(["client-id", "client-secret", "tenant", "issuer"]),
          optional: z.boolean(),
        }),
      ),
      /** A regular expression that the client id looks like. */
      clientIdPattern: z.string().optional(),
      /** What `registration.check` can be asked after it. */
      check: z
        .enum(["tenant-exists", "authorize-endpoint-accepts", "token-endpoint-knows-client"])
        .optional(),
      /** Only a person can say that it is done. */
      confirmed: z.boolean(),
    }),
  ),
  /** Whether what has come back so far is enough to sign in with. */
  usable: z.boolean(),
});

/** To be spread into `contract`. */
export const providerMethods = {
  /** Every provider that Postern knows, by name. */
  "provider.list": {
    request: z.strictObject({}),
    response: z.strictObject({
      providers: z.array(
        z.strictObject({
          id: provider,
          name: z.string(),
          kind: z.enum(["oauth", "self-hosted", "password"]),
          /** There is a guide to a client id. */
          registrable: z.boolean(),
        }),
      ),
    }),
  },
  /** Asks the live servers what they support, and compares it with the preset. Sends nothing secret. */
  "provider.check": {
    request: z.strictObject({ provider, tenant: tenantSchema.optional() }),
    response: z.strictObject({
      differences: z.array(findingSchema),
      agreements: z.array(findingSchema),
      /** Said by the servers, and not in the preset. */
      learned: z.array(findingSchema),
      notAsked: z.array(findingSchema),
    }),
  },
  "registration.show": {
    request: z.strictObject({ provider }),
    response: z.strictObject({
      registration: registrationSchema,
      /** The steps, with what is known by now in their values. */
      guide: guideSchema,
      /** What a person should know about the file in which it is kept: that it was damaged. */
      notice: z.string().optional(),
    }),
  },
  "registration.save": {
    request: z.strictObject({
      provider,
      /** Forgets everything first, the secret too. */
      restart: z.boolean().optional(),
      /** Steps that are done now, besides those that were. */
      done: z.array(stepId).max(64).optional(),
      clientId: clientIdSchema.optional(),
      /** Kept in the keychain; null forgets it. */
      clientSecret: z.string().min(1).max(4096).nullable().optional(),
      tenant: tenantSchema.optional(),
      issuer: httpsUrl.optional(),
    }),
    response: z.strictObject({ registration: registrationSchema }),
  },
  /** Asks the provider about the client id that was saved. Nobody signs in. */
  "registration.check": {
    request: z.strictObject({
      provider,
      check: z.enum(["tenant-exists", "authorize-endpoint-accepts", "token-endpoint-knows-client"]),
    }),
    response: z.strictObject({
      result: z.enum(["passed", "failed", "unclear"]),
      sentence: z.string(),
      action: z.string().optional(),
    }),
  },
} as const satisfies Record<string, { request: z.ZodType; response: z.ZodType }>;

export type ProviderMethod = keyof typeof providerMethods;
export type ProviderRequest<M extends ProviderMethod> = z.infer<(typeof providerMethods)[M]["request"]>;
export type ProviderResponse<M extends ProviderMethod> = z.infer<(typeof providerMethods)[M]["response"]>;
export type Guide = z.infer<typeof guideSchema>;
export type Registration = z.infer<typeof registrationSchema>;
