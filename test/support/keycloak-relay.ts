// The port that everybody knows, in front of the port that Keycloak happened to get: what makes Keycloak look dead and come back.
// Invariant: octets pass unchanged, both ways; TLS is Keycloak's.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export interface Relay {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Until this is called, connections wait. */
  leadTo(port: number): void;
  /** Stops listening and drops all connections. */
  pause(): Promise<void>;
  /** Listens on the same port again. */
  resume(): Promise<void>;
}

export async function openRelay(): Promise<Relay> {
  const sockets = new Set<Socket>();
  const destination = Promise.withResolvers<number>();
  let server: Server | undefined;

  function keep(socket: Socket): void {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => sockets.delete(socket));
  }

  async function relay(incoming: Socket): Promise<void> {
    keep(incoming);
    const outgoing = connect({ host: "127.0.0.1", port: await destination.promise, allowHalfOpen: true });
    keep(outgoing);
    incoming.once("close", () => outgoing.destroy());
    outgoing.once("close", () => incoming.destroy());
    incoming.pipe(outgoing).pipe(incoming);
  }

  async function listen(port: number): Promise<number> {
    const listening = createServer({ allowHalfOpen: true }, (incoming) => void relay(incoming));
    listening.listen(port, "127.0.0.1");
    await once(listening, "listening");
    server = listening;
    return (listening.address() as AddressInfo).port;
  }

  const port = await listen(0);
  return {
    port,
    leadTo: destination.resolve,
    async pause() {
      if (server === undefined) return;
      const closing = server;
      server = undefined;
      const closed = once(closing, "close");
      closing.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    async resume() {
      if (server === undefined) await listen(port);
    },
  };
}
