// A short visit at a mail server, without a login: connect, do something, be gone. Invariant: nothing stays open when the
// time is over or the work has failed.
import { type Clock, withDeadline } from "../../clock/clock.ts";
import { PosternError } from "../../errors/postern-error.ts";
import { formatHostAndPort, type Route } from "../../network/route.ts";
import type { UpstreamTransport } from "../wire/upstream-lines.ts";
import { type Dialled, dial, type Endpoint } from "./dial.ts";

export interface VisitParts {
  readonly clock: Clock;
  route(host: string, port: number): Promise<Route>;
}

/** @throws PosternError `upstream-…`, `proxy-…`; `upstream-timeout` when it takes longer than `milliseconds` */
export async function visit<T>(
  { clock, route }: VisitParts,
  endpoint: Endpoint,
  milliseconds: number,
  work: (transport: UpstreamTransport) => Promise<T>,
): Promise<T> {
  let late = false;
  let dialled: Dialled | undefined;
  const visiting = async (): Promise<T> => {
    dialled = await dial(endpoint, clock, await route(endpoint.host, endpoint.port));
    try {
      if (late) throw new PosternError("upstream-timeout");
      return await work(dialled.transport);
    } catch (thrown) {
      dialled.destroy();
      throw thrown;
    }
  };
  return withDeadline(clock, milliseconds, visiting(), () => {
    late = true;
    dialled?.destroy();
    return new PosternError("upstream-timeout", {
      detail: `${formatHostAndPort(endpoint)}: not within ${milliseconds / 1000} seconds`,
    });
  });
}
