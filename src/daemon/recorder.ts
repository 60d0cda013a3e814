// Notes what happens where people look for it: the log, and the events of the control API.

import { toFailure } from "../control/server.ts";
import { assertNever } from "../errors/assert-never.ts";
import type { PosternError } from "../errors/postern-error.ts";
import type { ConnectionEvent, ConnectionIdentity } from "../proxy/connection.ts";
import type { ListenerState } from "../proxy/listener.ts";
import type { MailProtocol } from "../proxy/outages.ts";
import type { ConnectionBook } from "./connections.ts";
import type { Events } from "./events.ts";
import type { Log } from "./log.ts";
import { viewListenerState } from "./snapshot.ts";

export interface Recorder {
  connection(connection: ConnectionIdentity, event: ConnectionEvent): void;
  listener(protocol: MailProtocol, address: string, state: ListenerState): void;
  /** @param email the account's address @param outage why there is no access token, if there is none */
  token(accountId: string, outage: PosternError | undefined): void;
  signInEnded(accountId: string, email: string, failure: PosternError | undefined): void;
}

export function createRecorder(log: Log, events: Events, connections: ConnectionBook): Recorder {
  return {
    connection(connection, event) {
      const account = "account" in event ? event.account : undefined;
      connections.record(connection, event);
      record(connection, event);
      if (account !== undefined) events.accountChanged(account.id);
    },

    listener(protocol, address, state) {
      const isWell = state.kind === "listening" || state.kind === "closed" || state.kind === "absent";
      log[isWell ? "info" : "warn"]({ protocol, address, ...state }, `listener ${state.kind}`);
      events.listenerChanged(viewListenerState(protocol, address, state));
    },

    token(accountId, outage) {
      if (outage !== undefined) log.warn({ account: accountId, error: outage }, "no access token");
      events.accountChanged(accountId);
      // The keychain may have been unlocked or lost, and the clock measured.
      events.machineChanged();
    },

    signInEnded(accountId, email, failure) {
      if (failure === undefined) {
        log.info({ account: accountId }, "signed in");
        events.activity({ what: "signed-in", account: email });
      } else {
        log.warn({ account: accountId, error: failure }, "sign-in ended");
        events.activity({ what: "sign-in-failed", account: email, failure: toFailure(failure) });
      }
      events.accountChanged(accountId);
      events.machineChanged();
    },
  };

  function record({ id: connectionId, protocol }: ConnectionIdentity, event: ConnectionEvent): void {
    const about = { protocol, connectionId };
    switch (event.kind) {
      // Of interest beside the others of the connection, and there they are.
      case "connected":
      case "named-itself":
      case "password-accepted":
      case "ended":
        break;
      case "wrong-protocol":
        log.warn({ protocol, error: event.error }, "another protocol");
        events.activity({ what: event.kind, ...about, failure: toFailure(event.error) });
        break;
      case "logged-in": {
        const { passwordName } = event;
        log.info({ protocol, account: event.account.email, password: passwordName }, "logged in");
        events.activity({ what: event.kind, ...about, account: event.account.email, passwordName });
        break;
      }
      case "login-refused": {
        const { account, userName, error } = event;
        // A password may have been typed in place of the name: what is shown to its person is not for the log.
        log.warn({ protocol, account: account?.email, error }, "wrong user name or local password");
        events.activity({
          what: event.kind,
          ...about,
          ...(account === undefined ? {} : { account: account.email }),
          ...(userName === undefined ? {} : { userName }),
          failure: toFailure(error),
        });
        break;
      }
      case "login-failed":
      case "mailbox-not-connected": {
        const { error } = event;
        const text = event.kind === "login-failed" ? "login failed" : "logged in, and no mailbox";
        log.warn({ protocol, account: event.account.email, error }, text);
        events.activity({
          what: event.kind,
          ...about,
          account: event.account.email,
          failure: toFailure(error),
        });
        break;
      }
      case "session-ended": {
        const { passwordName, octetsToMua, octetsFromMua } = event;
        log.info(
          { protocol, account: event.account.email, password: passwordName, octetsToMua, octetsFromMua },
          "session ended",
        );
        events.activity({ what: event.kind, ...about, account: event.account.email, passwordName });
        break;
      }
      default:
        assertNever(event);
    }
  }
}
