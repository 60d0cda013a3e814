// A program: the least that Node can do between a mail program and its provider; what Postern is compared with.
// Arguments: its port, the upstream port, the authority's PEM file, the base64 of the XOAUTH2 message.
// Invariant: no parsing, no limits, no deadlines, no errors told: nothing that a real program could do without.
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { connect, createSecureContext } from "node:tls";

const [port, upstreamPort, authorityFile = "", message] = process.argv.slice(2);
const secureContext = createSecureContext({ ca: readFileSync(authorityFile) });

createServer({ allowHalfOpen: true, noDelay: true }, (mua) => {
  mua.on("error", () => {});
  mua.write("* OK [CAPABILITY IMAP4rev1] ready\r\n");
  mua.once("data", (login) => {
    const tag = login.toString("latin1").split(" ", 1)[0];
    const upstream = connect({
      host: "localhost",
      servername: "localhost",
      port: Number(upstreamPort),
      secureContext,
    });
    upstream.on("error", () => mua.destroy());
    upstream.setNoDelay();
    upstream.once("data", () => {
      upstream.write(`p AUTHENTICATE XOAUTH2 ${message}\r\n`);
      upstream.once("data", () => {
        mua.write(`${tag} OK Logged in\r\n`);
        mua.pipe(upstream);
        upstream.pipe(mua);
      });
    });
  });
}).listen(Number(port), "127.0.0.1", 4096);
