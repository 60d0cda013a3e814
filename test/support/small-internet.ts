// A small internet on 127.0.0.1: hosts with names and well-known ports, reached through a CONNECT proxy, so that code under
// test dials `imap.example.test:993` and verifies certificates for that name. Invariant: whatever was not put there is
// unreachable, and every place that was asked for is recorded.
import { once } from "node:events";
import { createServer as createHttpsServer, type Server } from "node:https";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { systemClock } from "../../src/clock/clock.ts";
import { createFetch, type Fetch } from "../../src/network/fetch.ts";
import type { Route } from "../../src/network/route.ts";
import type { TestAuthority } from "./authority.ts";

export interface SmallInternet {
  readonly route: () => Promise<Route>;
  readonly fetch: Fetch;
  /** In the order of arrival: `imap.example.test:993`. */
  readonly asked: readonly string[];
  /** Puts the server on a port of 127.0.0.1 at a place: HOST:PORT. */
  put(place: string, port: number): void;
  /** Serves documents over https, each with its own host's certificate; a URL that is not named is not found. */
  publish(authority: TestAuthority, documents: Documents): Promise<DocumentServer>;
  close(): Promise<void>;
}

/** By URL: a value to send as JSON, or what to do. */
export type Documents = Readonly<Record<string, unknown | DocumentAnswer>>;

export class DocumentAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, body: string, headers: Readonly<Record<string, string>> = {}) {
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

export interface DocumentServer {
  /** "GET https://…" */
  readonly requests: readonly string[];
  /** The bodies of the POSTs. */
  readonly bodies: readonly string[];
}

export async function startSmallInternet(): Promise<SmallInternet> {
  const places = new Map<string, number>();
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const documentServers: Server[] = [];
  const proxy = createServer({ allowHalfOpen: true }, (client) => {
    remember(sockets, client);
    void serveConnect(client, places, asked, sockets).catch(() => client.destroy());
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const route: Route = { kind: "connect", host: "127.0.0.1", port: portOf(proxy), tls: false };

  return {
    route: async () => route,
    fetch: createFetch(async () => route, systemClock),
    asked,
    put: (place, port) => void places.set(place, port),
    async publish(authority, documents) {
      const hosts = new Set(Object.keys(documents).map((url) => new URL(url).host));
      const { key, certificate } = await authority.issue([...hosts].map((host) => host.split(":")[0] ?? ""));
      const requests: string[] = [];
      const bodies: string[] = [];
      const server = createHttpsServer({ key, cert: certificate }, async (request, response) => {
        const url = `https://${request.headers.host}${request.url}`;
        requests.push(`${request.method} ${url}`);
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk);
        if (request.method === "POST") bodies.push(Buffer.concat(chunks).toString());
        const known = documents[url];
        const { status, headers, body } =
          known instanceof DocumentAnswer
            ? known
            : known === undefined
              ? new DocumentAnswer(404, "no such page")
              : new DocumentAnswer(200, JSON.stringify(known), { "content-type": "application/json" });
        response.writeHead(status, headers).end(body);
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      documentServers.push(server);
      for (const host of hosts) places.set(host.includes(":") ? host : `${host}:443`, portOf(server));
      return { requests, bodies };
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      for (const server of [proxy, ...documentServers]) {
        if ("closeAllConnections" in server) server.closeAllConnections();
        const closed = once(server, "close");
        server.close();
        await closed;
      }
    },
  };
}

async function serveConnect(
  client: Socket,
  places: ReadonlyMap<string, number>,
  asked: string[],
  sockets: Set<Socket>,
): Promise<void> {
  const [first] = (await once(client, "data")) as [Buffer];
  const place = /^CONNECT (\S+) HTTP\/1\.1\r\n/.exec(first.toString("latin1"))?.[1] ?? "";
  asked.push(place);
  const port = places.get(place);
  if (port === undefined) {
    client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    return;
  }
  client.pause();
  const target = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  remember(sockets, target);
  await once(target, "connect");
  client.write("HTTP/1.1 200 Connection established\r\n\r\n");
  client.pipe(target);
  target.pipe(client);
  client.once("close", () => target.destroy());
  target.once("close", () => client.destroy());
}

function remember(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.on("error", () => {});
  socket.once("close", () => sockets.delete(socket));
}

function portOf(server: { address(): AddressInfo | string | null }): number {
  return (server.address() as AddressInfo).port;
}
