// The log: lines of JSON on standard error, one event each. Nothing secret can get in: secrets print as "[secret]",
// and what comes from elsewhere is made printable before it gets here.
import { type Logger, pino, stdSerializers } from "pino";
import { PosternError } from "../errors/postern-error.ts";

export type Log = Logger;
export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

export function createLog(level: LogLevel): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: serializeError },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}

/** A failure in the words of the catalogue; a bug with its stack. */
function serializeError(thrown: unknown): unknown {
  if (!(thrown instanceof PosternError)) return stdSerializers.err(thrown as Error);
  const cause = thrown.code === "internal" && thrown.cause instanceof Error ? thrown.cause.stack : undefined;
  return {
    code: thrown.code,
    temporary: thrown.temporary,
    sentence: thrown.entry.sentence,
    detail: thrown.detail,
    cause,
  };
}
