// Ports of 127.0.0.1: which are free, and what whoever listens there says first.
import { once } from "node:events";
import { connect, createServer } from "node:net";

/** Different ports that were free a moment ago. */
export async function findFreePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  const ports = await Promise.all(
    servers.map(async (server) => {
      await once(server, "listening");
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("a TCP server without a port");
      return address.port;
    }),
  );
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}

/** The first octets that come, or nothing where nobody listens yet, or when `abandoned` is aborted. */
export async function readGreeting(port: number, abandoned?: AbortSignal): Promise<string> {
  const socket = connect({
    host: "127.0.0.1",
    port,
    ...(abandoned === undefined ? {} : { signal: abandoned }),
  });
  try {
    return await new Promise<string>((resolve) => {
      socket.once("data", (octets) => resolve(octets.toString()));
      socket.once("error", () => resolve(""));
      socket.once("close", () => resolve(""));
    });
  } finally {
    socket.destroy();
  }
}
