// What the page asks goes to the daemon; what the daemon answers comes back, read on the way for the addresses it names.
// Invariant: answers pass unchanged; what goes on, as events do, is never held up.
import type { ControlClient, StreamedAnswer } from "../src/control/client.ts";
import { controlPath, type Method } from "../src/control/contract.ts";
import type { ExternalLinks } from "./external-links.ts";

export type Forward = (path: string, body: string, signal: AbortSignal) => Promise<StreamedAnswer>;

/** Answers in which the daemon names addresses for a person. */
const NAMING = [
  "sign-in.start",
  "account.discover",
  "registration.show",
] as const satisfies readonly Method[];

export function createForward(connect: () => Promise<ControlClient>, links: ExternalLinks): Forward {
  return async (path, body, signal) => {
    const answered = await (await connect()).forward(path, body, signal);
    const naming = NAMING.find((method) => controlPath(method) === path);
    if (naming === undefined || answered.status !== 200) return answered;
    const text = await new Response(answered.body).text();
    links.learn(naming, parse(text));
    return { ...answered, body: ReadableStream.from([Buffer.from(text)]) };
  };
}

/** What is no JSON names nothing: the page that gets it will say so. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
