// A mail program at its lowest, inside TLS: it writes text, and reads until what has come matches.
// Invariant: TLS is verified, against the given authority.
import { once } from "node:events";
import { connect } from "node:tls";
import type { TestAuthority } from "./authority.ts";

export interface Session {
  write(text: string): void;
  /** Resolves when everything received so far matches; rejects when the peer ends first. */
  readUntil(pattern: RegExp): Promise<RegExpExecArray>;
  end(): void;
}

/** A TLS connection to a mail server whose greeting has come. */
export async function connectSession(port: number, authority: TestAuthority): Promise<Session> {
  const socket = connect({
    host: "127.0.0.1",
    servername: "localhost",
    port,
    ca: authority.certificatePem,
  });
  let received = "";
  socket.setEncoding("utf8").on("data", (text: string) => {
    received += text;
  });
  const session: Session = {
    write: (text) => socket.write(text),
    async readUntil(pattern) {
      for (;;) {
        const match = pattern.exec(received);
        if (match !== null) return match;
        if (socket.readableEnded) throw new Error(`the connection ended after: ${received}`);
        await Promise.race([once(socket, "data"), once(socket, "end")]);
      }
    },
    end: () => socket.destroy(),
  };
  await session.readUntil(/\r\n/);
  return session;
}
