// What happens between mail programs and Postern, as people look at it: connections, and a line for each thing that happened.
// Invariant: nothing here is a password, a token or mail.
import { z } from "zod";
import { failureDetailSchema } from "./shapes.ts";

const protocol = z.enum(["imap", "smtp"]);

/** One thing that happened on a connection. */
const connectionMomentSchema = z.strictObject({
  /** Milliseconds since 1970. */
  at: z.number(),
  what: z.enum([
    "connected",
    "named-itself",
    "password-accepted",
    "logged-in",
    "login-refused",
    "login-failed",
    "wrong-protocol",
    "mailbox-not-connected",
    "ended",
  ]),
  failure: failureDetailSchema.optional(),
});

/** A mail program's connection, while it lasts and for a while after. */
export const connectionSchema = z.strictObject({
  id: z.string(),
  protocol,
  /** What the program calls itself (RFC 2971, or after EHLO), as far as it said; printable, at most 100 characters. */
  program: z.string().optional(),
  /** The account's address, once the local password was right. */
  account: z.string().optional(),
  /** The name of the local password. */
  passwordName: z.string().optional(),
  state: z.enum(["connected", "logging-in", "open", "ended"]),
  /** Milliseconds since 1970. */
  since: z.number(),
  endedAt: z.number().optional(),
  /** Since the login. */
  octetsToMua: z.int(),
  octetsFromMua: z.int(),
  /** The oldest first; the first and the last fifty where there are more. */
  timeline: z.array(connectionMomentSchema),
});

/** What happened, for a person who looks and for scripts. */
export const activitySchema = z.strictObject({
  /** Milliseconds since 1970. */
  at: z.number(),
  what: z.enum([
    "logged-in",
    "login-refused",
    "login-failed",
    "wrong-protocol",
    "session-ended",
    "mailbox-not-connected",
    "signed-in",
    "sign-in-failed",
    "signed-out",
    "token-handed-out",
  ]),
  account: z.string().optional(),
  protocol: protocol.optional(),
  connectionId: z.string().optional(),
  /** What the program gave as user name, where no account has it; printable, at most 100 characters. */
  userName: z.string().optional(),
  /** The name of the local password. */
  passwordName: z.string().optional(),
  failure: failureDetailSchema.optional(),
});
