// The whole state as one reader sees it first, and what changes in it.
import { z } from "zod";
import { activitySchema, connectionSchema } from "./activity-shapes.ts";
import { policyViewSchema, settingsViewSchema } from "./settings-shapes.ts";
import { accountSchema, listenerSchema } from "./shapes.ts";

/** What is true of Postern itself, rather than of an account or a listener. */
export const machineSchema = z.strictObject({
  /** A person has paused it: mail programs are told to come back later. */
  paused: z.boolean(),
  keychain: z.strictObject({
    kind: z.enum(["file", "os", "none"]),
    ready: z.boolean(),
    code: z.string().optional(),
    sentence: z.string(),
    action: z.string().optional(),
    detail: z.string().optional(),
  }),
  /** What a person should know about Postern itself: damaged files and the like. */
  notices: z.array(z.string()),
  settings: settingsViewSchema,
  /** Absent where no administrator's file is on this machine. */
  policy: policyViewSchema.optional(),
});

export const snapshotSchema = machineSchema.extend({
  version: z.string(),
  processId: z.int(),
  startedAt: z.number(),
  home: z.string(),
  listeners: z.array(listenerSchema),
  accounts: z.array(accountSchema),
  /** Live ones, and the last fifty that have ended; the oldest first. */
  connections: z.array(connectionSchema),
  /** The last 200, the oldest first. */
  activity: z.array(activitySchema),
});

/** One line of the event stream; the first is a snapshot. */
export const eventSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("snapshot"), snapshot: snapshotSchema }),
  z.strictObject({ kind: z.literal("machine"), machine: machineSchema }),
  z.strictObject({ kind: z.literal("account"), account: accountSchema }),
  z.strictObject({ kind: z.literal("account-removed"), email: z.string() }),
  z.strictObject({ kind: z.literal("listener"), listener: listenerSchema }),
  /** New, or in place of the one with the same id. */
  z.strictObject({ kind: z.literal("connection"), connection: connectionSchema }),
  z.strictObject({ kind: z.literal("activity"), activity: activitySchema }),
]);
