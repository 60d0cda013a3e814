// A DNS server on 127.0.0.1 over UDP that knows the SRV and MX records it is given, and can be told to answer anything else.
// Invariant: a name that it does not know does not exist (NXDOMAIN); every question is recorded.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type Answer, decode, encode, type Packet, RECURSION_DESIRED } from "dns-packet";

export interface ServiceRecord {
  readonly target: string;
  readonly port: number;
  readonly priority?: number;
  readonly weight?: number;
}

/** "" is the root (RFC 7505). */
export interface MailRecord {
  readonly exchange: string;
  readonly preference?: number;
}

export interface DnsServer {
  /** For POSTERN_DNS_SERVER: an address with a port. */
  readonly address: string;
  /** The names that were asked for, in lower case. */
  readonly questions: readonly string[];
  close(): Promise<void>;
}

export interface DnsServerOptions {
  /** By name, such as `_imaps._tcp.example.test`. */
  readonly services?: Readonly<Record<string, readonly ServiceRecord[]>>;
  /** By mail domain. */
  readonly mail?: Readonly<Record<string, readonly MailRecord[]>>;
  /** Octets instead of the proper answer; "silence" sends nothing; undefined answers properly. */
  answerTo?(name: string, query: Packet, proper: Packet): Buffer | "silence" | undefined;
}

/** RFC 1035 §4.1.1: an answer, with recursion available; 3 is "no such name". */
const RECURSION_AVAILABLE = 0x80;
const AUTHORITATIVE = 0x400;
const NO_SUCH_NAME = 3;

export async function startDnsServer(options: DnsServerOptions): Promise<DnsServer> {
  const { services = {}, mail = {} } = options;
  const questions: string[] = [];
  const socket = createSocket("udp4");
  socket.on("message", (octets, { port, address }) => {
    const query = decode(octets);
    const question = query.questions?.[0];
    if (question === undefined) return;
    const name = question.name.toLowerCase();
    questions.push(name);
    const answers =
      question.type === "SRV"
        ? services[name]?.map((record) => toServiceAnswer(question.name, record))
        : question.type === "MX"
          ? mail[name]?.map((record) => toMailAnswer(question.name, record))
          : undefined;
    const proper: Packet = {
      type: "response",
      id: query.id ?? 0,
      flags:
        RECURSION_DESIRED | RECURSION_AVAILABLE | AUTHORITATIVE | (answers === undefined ? NO_SUCH_NAME : 0),
      // In the letters of the question: resolvers vary them, and compare.
      questions: [question],
      answers: answers ?? [],
    };
    const answer = options.answerTo?.(name, query, proper) ?? encode(proper);
    if (answer !== "silence") socket.send(answer, port, address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    address: `127.0.0.1:${socket.address().port}`,
    questions,
    async close() {
      const closed = once(socket, "close");
      socket.close();
      await closed;
    },
  };
}

function toServiceAnswer(name: string, { target, port, priority = 0, weight = 0 }: ServiceRecord): Answer {
  return { type: "SRV", name, ttl: 60, data: { target, port, priority, weight } };
}

function toMailAnswer(name: string, { exchange, preference = 10 }: MailRecord): Answer {
  return { type: "MX", name, ttl: 60, data: { preference, exchange } };
}
