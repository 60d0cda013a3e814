// Stands between two that speak HTTP and writes down what both say; it may be led to somebody else meanwhile, as a name is that
// was rebound. Invariant: octets pass unchanged, both ways.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A port of 127.0.0.1, or a socket's path. */
export type Endpoint = number | string;

export interface RecordingRelay {
  readonly port: number;
  /** Where connections go from now on; those that are open are ended. */
  leadTo(destination: Endpoint): void;
  /** Requests since the last `forget`, each with its header block and body as they came. */
  requests(): string[];
  /** Status lines and headers since then. */
  answers(): string[];
  /** Everything that was answered since then, as it came. */
  answered(): string;
  forget(): void;
  close(): Promise<void>;
}

const REQUEST = /(?=(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH) \S+ HTTP\/1\.[01]\r\n)/;
const ANSWER = /HTTP\/1\.1 \d{3} [^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n/g;

/** @param at a socket's path to listen at, or any port */
export async function startRecordingRelay(destination: Endpoint, at: Endpoint = 0): Promise<RecordingRelay> {
  let target = destination;
  let conversations: { asked: string; answered: string }[] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    const far = typeof target === "number" ? connect(target, "127.0.0.1") : connect(target);
    let conversation = { asked: "", answered: "" };
    const current = (): typeof conversation => {
      // After `forget` a connection that goes on is another conversation.
      if (!conversations.includes(conversation)) {
        conversation = { asked: "", answered: "" };
        conversations.push(conversation);
      }
      return conversation;
    };
    near.on("data", (octets) => {
      current().asked += octets.toString("latin1");
    });
    far.on("data", (octets) => {
      current().answered += octets.toString("latin1");
    });
    for (const socket of [near, far]) keep(socket);
    near.pipe(far).pipe(near);
    near.once("close", () => far.destroy());
    far.once("close", () => near.destroy());
  });
  if (typeof at === "number") server.listen(at, "127.0.0.1");
  else server.listen(at);
  await once(server, "listening");
  const address = server.address() as AddressInfo | string;

  const answered = (): string => conversations.map((one) => one.answered).join("\n");
  return {
    port: typeof address === "string" ? 0 : address.port,
    leadTo(destination_) {
      target = destination_;
      for (const socket of sockets) socket.destroy();
    },
    requests: () =>
      conversations.flatMap(({ asked }) => asked.split(REQUEST).filter((request) => request !== "")),
    answers: () => answered().match(ANSWER) ?? [],
    answered,
    forget() {
      conversations = [];
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
