// All listeners and all connections of the daemon. Invariant: a flood of connections that never log in costs the oldest
// of them, never the newest and never one that has logged in (threats.md F7).
import type { Socket } from "node:net";
import { PosternError } from "../errors/postern-error.ts";
import { limits } from "../mail/wire/limits.ts";
import type { TokenBroker } from "../oauth/token/broker.ts";
import { type Connection, type ConnectionParts, formatRefusal, serveConnection } from "./connection.ts";
import { type Listener, type ListenerState, openListeners } from "./listener.ts";
import { isKnownOutage, type MailProtocol, type Outages } from "./outages.ts";

export interface MailProxy {
  /** Opens the listeners. */
  open(ports: Readonly<Record<MailProtocol, number>>): Promise<void>;
  /** Opens listeners on other ports in place of those of the same protocol. Connections stay. */
  move(ports: Readonly<Partial<Record<MailProtocol, number>>>): Promise<void>;
  /** Tells whoever connects to come back later, and ends the connections as `close` does. */
  pause(): void;
  resume(): void;
  isPaused(): boolean;
  listeners(): readonly Listener[];
  /** The port on 127.0.0.1, where it is open. */
  port(protocol: MailProtocol): number | undefined;
  /** Connections that have logged in, of one account or of all. */
  sessions(accountId?: string): number;
  /** Ends the sessions whose mail servers are believed to be gone: mail programs connect again. */
  letSessionsGo(): void;
  /** Ends the connections of an account, or only of those who logged in with this local password: it is being taken away. */
  closeSessions(accountId: string, passwordName?: string): void;
  /**
   * Stops listening, tells those who have not logged in, and ends the rest when nothing is under way in them, within ten
   * seconds.
   */
  close(): Promise<void>;
}

export interface MailProxyParts extends Omit<ConnectionParts, "refusal"> {
  readonly outages: Outages;
  readonly broker: Pick<TokenBroker, "outage">;
  onListenerChange(protocol: MailProtocol, address: string, state: ListenerState): void;
  /** A bug of ours, caught at the edge of one connection. */
  onBug(thrown: unknown): void;
}

/** How long a mail program may take to close after it was told of the end, in milliseconds. */
const LAST_WORDS = 1000;

export function createMailProxy(parts: MailProxyParts): MailProxy {
  const connections = new Set<Connection>();
  let listeners: readonly Listener[] = [];
  let closing = false;
  let paused = false;
  let admitted = 0;
  let moving: Promise<void> = Promise.resolve();
  /** The ends of listeners on former ports, which still have connections. */
  const retiring = new Set<Promise<void>>();

  /** Why nobody can log in now: told at the greeting, before a password is asked for (protocol.md §7). */
  function refusal(protocol: MailProtocol): PosternError | undefined {
    if (closing) return new PosternError("shutting-down");
    if (paused) return new PosternError("paused");
    const accounts = parts.directory.accounts();
    const outages = accounts.map((account) => {
      const token = parts.broker.outage(account.id);
      if (token !== undefined && isKnownOutage(token, parts.clock.monotonic())) return token.error;
      return parts.outages.known(account, protocol)?.error;
    });
    return outages.every((error) => error !== undefined) ? outages[0] : undefined;
  }

  function admit(socket: Socket, protocol: MailProtocol): void {
    admitted += 1;
    const id = String(admitted);
    const connection: Connection = {
      id,
      protocol,
      socket,
      account: undefined,
      passwordName: undefined,
      session: undefined,
    };
    connections.add(connection);
    parts.onEvent(connection, { kind: "connected" });
    socket.once("close", async () => {
      connections.delete(connection);
      // What a session was is told before its end.
      await connection.session?.over;
      parts.onEvent(connection, { kind: "ended" });
    });
    closeOldest();
    serveConnection({ ...parts, refusal }, connection).catch((thrown: unknown) => {
      parts.onBug(thrown);
      socket.destroy();
    });
  }

  function closeOldest(): void {
    const unauthenticated = [...connections].filter(({ account }) => account === undefined);
    const [oldest] = unauthenticated;
    if (oldest === undefined || unauthenticated.length <= limits.unauthenticatedConnections) return;
    connections.delete(oldest);
    oldest.socket.end(formatRefusal(oldest.protocol, "Too many connections that do not log in"));
    oldest.socket.destroySoon();
  }

  function openPort(protocol: MailProtocol, port: number): Promise<readonly Listener[]> {
    return openListeners(protocol, port, {
      clock: parts.clock,
      onSocket: admit,
      onChange: parts.onListenerChange,
    });
  }

  async function move(ports: Readonly<Partial<Record<MailProtocol, number>>>): Promise<void> {
    for (const protocol of ["imap", "smtp"] as const) {
      const port = ports[protocol];
      if (port === undefined || closing) continue;
      for (const listener of listeners) {
        if (listener.protocol !== protocol) continue;
        const ended = listener.retire().then(() => void retiring.delete(ended));
        retiring.add(ended);
      }
      const opened = await openPort(protocol, port);
      listeners = [...listeners.filter((one) => one.protocol !== protocol), ...opened].sort(byProtocol);
      // Who ended Postern meanwhile has closed the listeners that were there then.
      if (closing) await Promise.all(opened.map((listener) => listener.close()));
    }
  }

  /** Tells those who have not logged in, and ends the rest when nothing is under way in them. @returns forgets the last words */
  function endConnections(reason: PosternError): () => void {
    const told = [...connections];
    for (const { session, socket, protocol } of told) {
      if (session === undefined) socket.end(formatRefusal(protocol, reason.wireText));
      else session.end();
    }
    return parts.clock.schedule(LAST_WORDS, () => {
      for (const { session, socket } of told) if (session === undefined) socket.destroy();
    });
  }

  return {
    async open(ports) {
      const [imap, smtp] = await Promise.all([openPort("imap", ports.imap), openPort("smtp", ports.smtp)]);
      listeners = [...imap, ...smtp];
    },

    move(ports) {
      // One after the other: two at once would leave listeners that nobody closes.
      moving = moving.then(() => move(ports));
      return moving;
    },

    pause() {
      if (paused) return;
      paused = true;
      endConnections(new PosternError("paused"));
    },

    resume() {
      paused = false;
    },

    isPaused: () => paused,

    listeners: () => listeners,

    port(protocol) {
      const listener = listeners.find((one) => one.protocol === protocol && one.address === "127.0.0.1");
      const state = listener?.state();
      return state?.kind === "listening" ? state.port : undefined;
    },

    sessions: (accountId) =>
      [...connections].filter(({ account }) =>
        accountId === undefined ? account !== undefined : account?.id === accountId,
      ).length,

    letSessionsGo() {
      for (const { session } of connections) session?.letGo();
    },

    closeSessions(accountId, only) {
      for (const { account, passwordName, socket } of connections) {
        if (account?.id === accountId && (only === undefined || only === passwordName)) socket.destroy();
      }
    },

    async close() {
      closing = true;
      const closed = Promise.all([...listeners.map((listener) => listener.close()), ...retiring]);
      const forget = endConnections(new PosternError("shutting-down"));
      await closed;
      forget();
    },
  };
}

function byProtocol(left: Listener, right: Listener): number {
  return left.protocol.localeCompare(right.protocol);
}
