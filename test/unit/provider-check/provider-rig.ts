// A provider's servers in a small internet, real sockets and all: an https host that answers as a test says, and scripted
// mail servers.
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { type Clock, systemClock } from "../../../src/clock/clock.ts";
import type { ProviderCheckParts } from "../../../src/provider-check/parts.ts";
import { type Script, type ScriptedServer, startScriptedServer } from "../../support/scripted-server.ts";
import { formatEhlo } from "../../support/scripted-upstream.ts";
import { type SmallInternet, startSmallInternet } from "../../support/small-internet.ts";
import { prepareStage } from "../../support/stage.ts";

export interface WebRequest {
  readonly method: string;
  readonly url: URL;
  readonly form: URLSearchParams;
}

export interface WebAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text as it is; anything else as JSON. */
  readonly body?: unknown;
}

/** Undefined: never answers. */
export type Answer = (request: WebRequest) => WebAnswer | undefined;

export interface ProviderWorld {
  readonly internet: SmallInternet;
  parts(clock?: Clock): ProviderCheckParts;
  /** An https host; gives the requests that reach it. */
  putWeb(host: string, answer: Answer): Promise<readonly WebRequest[]>;
  /** @param certificateFor another host's certificate */
  putMail(place: string, script: Script, certificateFor?: string): Promise<ScriptedServer>;
  /** In clear, whatever the script does then. */
  putPlain(place: string, script: Script): Promise<ScriptedServer>;
  /** A submission server with STARTTLS that announces these keywords. */
  putSubmission(place: string, keywords: string): Promise<ScriptedServer>;
}

/** Call it once in a test file; each test has a world of its own. */
export function prepareProviderWorlds(): () => Promise<ProviderWorld> {
  const stage = prepareStage();

  return async () => {
    const internet = await startSmallInternet();
    stage.closeAfterTest(() => internet.close());
    const putScripted = async (place: string, script: Script, tls?: { key: string; certificate: string }) => {
      const server = await startScriptedServer({ script, ...(tls === undefined ? {} : { tls }) });
      stage.closeAfterTest(() => server.close());
      internet.put(place, server.port);
      return server;
    };
    const hostOf = (place: string): string => place.split(":")[0] ?? "";
    return {
      internet,
      parts: (clock = systemClock) => ({ fetch: internet.fetch, clock, route: internet.route }),
      async putWeb(host, answer) {
        const { key, certificate } = await stage.authority().issue([host]);
        const requests: WebRequest[] = [];
        const server = createServer({ key, cert: certificate }, async (request, reply) => {
          const form = new URLSearchParams(await text(request));
          const asked = { method: request.method ?? "", url: new URL(`https://${host}${request.url}`), form };
          requests.push(asked);
          const given = answer(asked);
          if (given === undefined) return;
          const body = typeof given.body === "string" ? given.body : JSON.stringify(given.body ?? {});
          reply.writeHead(given.status, given.headers).end(body);
        });
        server.listen(0, "127.0.0.1");
        await once(server, "listening");
        stage.closeAfterTest(async () => {
          server.closeAllConnections();
          server.close();
        });
        internet.put(`${host}:443`, (server.address() as AddressInfo).port);
        return requests;
      },
      async putMail(place, script, certificateFor = hostOf(place)) {
        return putScripted(place, script, await stage.authority().issue([certificateFor]));
      },
      putPlain: (place, script) => putScripted(place, script),
      async putSubmission(place, keywords) {
        const certificate = await stage.authority().issue([hostOf(place)]);
        return putScripted(place, async (connection) => {
          await connection.write("220 scripted ESMTP\r\n");
          await connection.readLine();
          await connection.write(formatEhlo("STARTTLS"));
          await connection.readLine();
          await connection.write("220 go on\r\n");
          await connection.startTls(certificate);
          for (;;) {
            const line = await connection.readLine();
            if (/^QUIT/i.test(line)) return connection.end("221 bye\r\n");
            await connection.write(formatEhlo(keywords));
          }
        });
      },
    };
  };
}
