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
  listeners(): readonly Listener[];
  /** The port on 127.0.0.1, where it is open. */
  port(protocol: MailProtocol): number | undefined;
  /** Connections that have logged in, of one account or of all. */
  sessions(accountId?: string): number;
  /** Ends the connections of an account that is being removed. */
  closeSessions(accountId: string): void;
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

  /** Why nobody can log in now: told at the greeting, before a password is asked for (protocol.md §7). */
  function refusal(protocol: MailProtocol): PosternError | undefined {
    if (closing) return new PosternError("shutting-down");
    const accounts = parts.directory.accounts();
    const outages = accounts.map((account) => {
      const token = parts.broker.outage(account.id);
      if (token !== undefined && isKnownOutage(token, parts.clock.monotonic())) return token.error;
      return parts.outages.known(account, protocol)?.error;
    });
    return outages.every((error) => error !== undefined) ? outages[0] : undefined;
  }

  function admit(socket: Socket, protocol: MailProtocol): void {
    const connection: Connection = { protocol, socket, account: undefined, session: undefined };
    connections.add(connection);
    socket.once("close", () => connections.delete(connection));
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

  return {
    async open(ports) {
      const opened = await Promise.all(
        (["imap", "smtp"] as const).map((protocol) =>
          openListeners(protocol, ports[protocol], {
            clock: parts.clock,
            onSocket: admit,
            onChange: parts.onListenerChange,
          }),
        ),
      );
      listeners = opened.flat();
    },

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

    closeSessions(accountId) {
      for (const { account, socket } of connections) if (account?.id === accountId) socket.destroy();
    },

    async close() {
      closing = true;
      const closed = Promise.all(listeners.map((listener) => listener.close()));
      for (const { session, socket, protocol } of connections) {
        if (session === undefined) socket.end(formatRefusal(protocol, "Shutting down"));
        else session.end();
      }
      const cancel = parts.clock.schedule(LAST_WORDS, () => {
        for (const { session, socket } of connections) if (session === undefined) socket.destroy();
      });
      await closed;
      cancel();
    },
  };
}
