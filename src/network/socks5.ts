// Asks a SOCKS 5 proxy for a tunnel: RFC 1928, with user and password by RFC 1929.
// Invariant: host names go to the proxy as they are; they are never resolved here.
import { isIP, type Socket } from "node:net";
import { PosternError } from "../errors/postern-error.ts";
import { createHandshakeReader, type HandshakeReader } from "./handshake-reader.ts";
import { formatHostAndPort, type SocksProxy, type Target } from "./route.ts";
import { TargetUnreachable } from "./target-unreachable.ts";

const VERSION = 5;
const METHOD = { none: 0x00, userAndPassword: 0x02, noneAcceptable: 0xff } as const;
const CONNECT = 1;
const ADDRESS_TYPE = { ipv4: 1, domainName: 3, ipv6: 4 } as const;

/** RFC 1928 §6: what REP says where the target cannot be reached. */
const UNREACHABLE: Readonly<Record<number, readonly [words: string, code: string]>> = {
  1: ["general failure", "EHOSTUNREACH"],
  3: ["network unreachable", "ENETUNREACH"],
  4: ["host unreachable", "EHOSTUNREACH"],
  5: ["connection refused", "ECONNREFUSED"],
  6: ["TTL expired", "EHOSTUNREACH"],
};
const REFUSED: Readonly<Record<number, string>> = {
  2: "its rules do not allow this connection",
  7: "it does not know CONNECT",
  8: "it does not take this kind of address",
};

/**
 * Resolves when the socket is the tunnel.
 * @param onAsked called when the proxy is ready and has been asked for the target
 * @throws PosternError `proxy-refused`, `proxy-invalid`, `proxy-unreachable`; TargetUnreachable
 */
export async function openSocksTunnel(
  socket: Socket,
  proxy: SocksProxy,
  target: Target,
  onAsked: () => void,
): Promise<void> {
  const reader = createHandshakeReader(socket, 0);
  await agreeOnMethod(socket, reader, proxy);
  const request = formatRequest(target);
  onAsked();
  socket.write(request);
  const [version, reply = 0] = await reader.readOctets(2);
  requireVersion(version);
  if (reply !== 0) throw explain(reply, proxy, target);
  await skipBoundAddress(reader);
}

async function agreeOnMethod(socket: Socket, reader: HandshakeReader, proxy: SocksProxy): Promise<void> {
  const login = proxy.user === undefined ? undefined : formatLogin(proxy.user, proxy);
  const methods = login === undefined ? [METHOD.none] : [METHOD.none, METHOD.userAndPassword];
  socket.write(Buffer.from([VERSION, methods.length, ...methods]));
  const [version, method] = await reader.readOctets(2);
  requireVersion(version);
  if (method === METHOD.none) return;
  if (method === METHOD.noneAcceptable) {
    throw refused(
      proxy,
      login === undefined ? "it wants a user and a password" : "it takes no user and password this way",
    );
  }
  if (method !== METHOD.userAndPassword || login === undefined) throw notSocks();
  socket.write(login);
  // The version of this negotiation is 1, but some proxies say 5.
  const [, status] = await reader.readOctets(2);
  if (status !== 0) throw refused(proxy, "it does not accept this user and password");
}

/** RFC 1929 §2 */
function formatLogin(user: string, { password }: SocksProxy): Buffer {
  const parts = [user, password?.reveal() ?? ""].map((text) => Buffer.from(text, "utf8"));
  if (parts.some(({ length }) => length < 1 || length > 255)) {
    throw new PosternError("proxy-invalid", {
      detail:
        password === undefined
          ? "no password is kept for the proxy's user: postern settings set proxy-password FILE"
          : "SOCKS 5 takes users and passwords of at most 255 octets",
    });
  }
  return Buffer.concat([Buffer.from([1]), ...parts.flatMap((part) => [Buffer.from([part.length]), part])]);
}

/** RFC 1928 §4 */
function formatRequest(target: Target): Buffer {
  const port = Buffer.alloc(2);
  port.writeUInt16BE(target.port);
  return Buffer.concat([Buffer.from([VERSION, CONNECT, 0]), formatAddress(target.host), port]);
}

function formatAddress(host: string): Buffer {
  switch (isIP(host)) {
    case 4:
      return Buffer.from([ADDRESS_TYPE.ipv4, ...host.split(".").map(Number)]);
    case 6:
      return Buffer.from([ADDRESS_TYPE.ipv6, ...octetsOfIpv6(host)]);
    default: {
      const name = Buffer.from(host, "latin1");
      if (name.length > 255) throw new PosternError("proxy-invalid", { detail: "the host name is too long" });
      return Buffer.concat([Buffer.from([ADDRESS_TYPE.domainName, name.length]), name]);
    }
  }
}

/** The URL class writes any form of an address in groups of hexadecimal digits (RFC 5952). */
function octetsOfIpv6(address: string): number[] {
  const groups = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [front = [], back = []] = groups
    .split("::")
    .map((half) => half.split(":").filter((group) => group !== ""));
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => "0");
  return [...front, ...zeros, ...back].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** RFC 1928 §6: BND.ADDR and BND.PORT, which are of no use to anybody here. */
async function skipBoundAddress(reader: HandshakeReader): Promise<void> {
  const [, type] = await reader.readOctets(2);
  switch (type) {
    case ADDRESS_TYPE.ipv4:
      await reader.readOctets(4 + 2);
      return;
    case ADDRESS_TYPE.ipv6:
      await reader.readOctets(16 + 2);
      return;
    case ADDRESS_TYPE.domainName: {
      const [length = 0] = await reader.readOctets(1);
      await reader.readOctets(length + 2);
      return;
    }
    default:
      throw notSocks();
  }
}

function requireVersion(version: number | undefined): void {
  if (version !== VERSION) throw notSocks();
}

function notSocks(): PosternError {
  return new PosternError("proxy-invalid", { detail: "what answers there is no SOCKS 5 proxy" });
}

function refused(proxy: SocksProxy, what: string): PosternError {
  return new PosternError("proxy-refused", { detail: `the proxy ${formatHostAndPort(proxy)}: ${what}` });
}

function explain(reply: number, proxy: SocksProxy, target: Target): Error {
  const where = `${formatHostAndPort(target)}: the proxy ${formatHostAndPort(proxy)} answered`;
  const unreachable = UNREACHABLE[reply];
  if (unreachable !== undefined) {
    const [words, code] = unreachable;
    return new TargetUnreachable(`${where} ${words}`, code);
  }
  const what = REFUSED[reply];
  return what === undefined
    ? new PosternError("proxy-invalid", { detail: `${where} ${reply}` })
    : new PosternError("proxy-refused", { detail: `${where}: ${what}` });
}
