// Asks an HTTP proxy for a tunnel: CONNECT, RFC 9110 §9.3.6, with Basic credentials (RFC 7617) where there are any.
// Invariant: nothing that the proxy says in words goes into a failure; its status does.
import type { Socket } from "node:net";
import { PosternError } from "../errors/postern-error.ts";
import { createHandshakeReader, type HandshakeReader } from "./handshake-reader.ts";
import { type ConnectProxy, formatHostAndPort, type Target } from "./route.ts";
import { TargetUnreachable } from "./target-unreachable.ts";

/** All of the proxy's header fields together. */
const LONGEST_ANSWER = 16_384;
/** They pass: Request Timeout, Too Early, Too Many Requests. */
const PASSING = new Set([408, 425, 429]);

/**
 * Resolves when the socket is the tunnel.
 * @throws PosternError `proxy-refused`, `proxy-invalid`, `proxy-unreachable`; TargetUnreachable
 */
export async function openConnectTunnel(socket: Socket, proxy: ConnectProxy, target: Target): Promise<void> {
  const reader = createHandshakeReader(socket, LONGEST_ANSWER);
  socket.write(formatConnect(proxy, target));
  const status = await readStatus(reader);
  if (status >= 200 && status < 300) return;
  throw explain(status, proxy, target);
}

function formatConnect({ user, password }: ConnectProxy, target: Target): string {
  const authority = formatHostAndPort(target);
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`];
  if (user !== undefined) {
    const credentials = Buffer.from(`${user}:${password?.reveal() ?? ""}`, "utf8").toString("base64");
    lines.push(`Proxy-Authorization: Basic ${credentials}`);
  }
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** The final status; interim ones (1xx, RFC 9110 §15.2) are passed over, and so are all header fields. */
async function readStatus(reader: HandshakeReader): Promise<number> {
  for (;;) {
    const [, code] = /^HTTP\/1\.\d ([1-5]\d\d)(?: |$)/.exec(await reader.readLine()) ?? [];
    if (code === undefined) {
      throw new PosternError("proxy-invalid", { detail: "what answers there is no HTTP proxy" });
    }
    while ((await reader.readLine()) !== "");
    if (!code.startsWith("1")) return Number(code);
  }
}

function explain(status: number, proxy: ConnectProxy, target: Target): Error {
  const detail = `${formatHostAndPort(target)}: the proxy ${formatHostAndPort(proxy)} answered ${status}`;
  // RFC 9110 §15.5.8; tinyproxy says 401 for a wrong password.
  if (status === 407 || status === 401) {
    const what =
      proxy.user === undefined
        ? "it wants a user and a password"
        : "it does not accept this user and password, or wants them in another way than Basic";
    return new PosternError("proxy-refused", { detail: `${detail}: ${what}` });
  }
  if (PASSING.has(status)) return new PosternError("proxy-unreachable", { detail });
  // RFC 6585 §6: 511 is the network that wants somebody to log in first.
  if (status >= 500 && status !== 511) return new TargetUnreachable(detail, "EHOSTUNREACH");
  return new PosternError("proxy-refused", { detail });
}
