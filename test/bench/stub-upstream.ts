// A program: an IMAP server inside TLS that accepts any token and then carries octets, cheaply, in either direction.
// Arguments: the PEM files of its key and its certificate. Tells its port by a message; ends with the channel.
// Invariant: it copies and allocates nothing per octet, so that it is not what is measured.
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer, type TLSSocket } from "node:tls";

const CAPABILITIES = "IMAP4rev1 SASL-IR AUTH=XOAUTH2 IDLE ID";
const LOGGED_IN = "IMAP4rev1 IDLE ID NAMESPACE UIDPLUS CONDSTORE";
/** What a download consists of, again and again. */
const CHUNK = Buffer.alloc(1024 * 1024, "postern ");

const [keyFile = "", certificateFile = ""] = process.argv.slice(2);
const server = createServer(
  { key: readFileSync(keyFile), cert: readFileSync(certificateFile), noDelay: true },
  serve,
);
server.on("tlsClientError", () => {});
server.listen(0, "127.0.0.1", 4096, () => process.send?.((server.address() as AddressInfo).port));
process.once("disconnect", () => process.exit(0));

function serve(socket: TLSSocket): void {
  let unfinished = "";
  /** Octets of an upload that are still to come, and the tag that waits for them. */
  let sinking = 0;
  let sinkTag = "";

  function obey(line: string): void {
    const [tag = "*", name = "", argument = ""] = line.split(" ");
    switch (name.toUpperCase()) {
      case "AUTHENTICATE":
        socket.write(`${tag} OK [CAPABILITY ${LOGGED_IN}] Logged in\r\n`);
        break;
      case "CAPABILITY":
        socket.write(`* CAPABILITY ${CAPABILITIES}\r\n${tag} OK Completed\r\n`);
        break;
      case "DOWNLOAD":
        send(socket, Number(argument));
        break;
      case "UPLOAD":
        sinking = Number(argument);
        sinkTag = tag;
        socket.write("+ Go on\r\n");
        break;
      case "LOGOUT":
        socket.end(`* BYE\r\n${tag} OK Completed\r\n`);
        break;
      default:
        socket.write(`${tag} OK Completed\r\n`);
    }
  }

  socket.on("error", () => {});
  socket.on("data", (octets: Buffer) => {
    if (sinking > 0) {
      sinking -= octets.length;
      if (sinking <= 0) socket.write(`${sinkTag} OK Received\r\n`);
      return;
    }
    // Dovecot sends AUTHENTICATE and ID in one go.
    const lines = (unfinished + octets.toString("latin1")).split("\r\n");
    unfinished = lines.pop() ?? "";
    lines.forEach(obey);
  });
  socket.write(`* OK [CAPABILITY ${CAPABILITIES}] Stub ready\r\n`);
}

function send(socket: TLSSocket, octets: number): void {
  let left = octets;
  const sendSome = (): void => {
    while (left > 0) {
      const chunk = left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK;
      left -= chunk.length;
      if (!socket.write(chunk)) {
        socket.once("drain", sendSome);
        return;
      }
    }
  };
  sendSome();
}
