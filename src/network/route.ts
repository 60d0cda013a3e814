// The way to a server: straight, through an HTTP proxy (CONNECT) or through a SOCKS 5 proxy.
// Invariant: a password is only ever in its Secret; nothing else made here holds one.
import { type ProxyPassword, proxyPassword } from "../secret/secret.ts";

/** Where a connection is to end. An IPv6 address has no brackets. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

interface ProxyServer extends Target {
  readonly user?: string | undefined;
  readonly password?: ProxyPassword | undefined;
}

export interface ConnectProxy extends ProxyServer {
  readonly kind: "connect";
  /** Whether the proxy itself is spoken to inside TLS. */
  readonly tls: boolean;
}

export interface SocksProxy extends ProxyServer {
  readonly kind: "socks5";
}

export type ProxyRoute = ConnectProxy | SocksProxy;
export type Route = { readonly kind: "direct" } | ProxyRoute;

export const DIRECT: Route = { kind: "direct" };

/** With a socks scheme the proxy always resolves the host name, as curl's `socks5h` says it. */
const SCHEMES = {
  http: { kind: "connect", tls: false, port: 80 },
  https: { kind: "connect", tls: true, port: 443 },
  socks5: { kind: "socks5", port: 1080 },
  socks5h: { kind: "socks5", port: 1080 },
  socks: { kind: "socks5", port: 1080 },
} as const;

/** Scheme, user and password (up to the last `@`, since people do not escape it), host, port. */
const ADDRESS = /^(?:(\w+):\/\/)?(?:(.*)@)?([\w.-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?\/?$/i;

/**
 * `http://proxy:3128`, `https://…`, `socks5://…`, each also with `user@` or `user:password@`, escaped as in a URL. Without
 * a scheme it is http, without a port the scheme's own. Undefined for anything else.
 */
export function parseProxy(text: string): ProxyRoute | undefined {
  const match = ADDRESS.exec(text.trim());
  if (match === null) return undefined;
  const [, scheme = "http", userInfo, host = "", portText] = match;
  const name = scheme.toLowerCase();
  if (!isScheme(name)) return undefined;
  const { port: usualPort, ...kind } = SCHEMES[name];
  const port = portText === undefined ? usualPort : Number(portText);
  if (port < 1 || port > 65_535) return undefined;
  const login = userInfo === undefined ? {} : parseUserInfo(userInfo);
  if (login === undefined) return undefined;
  return { ...kind, host: withoutBrackets(host), port, ...login };
}

function isScheme(name: string): name is keyof typeof SCHEMES {
  return Object.hasOwn(SCHEMES, name);
}

function parseUserInfo(text: string): Pick<ProxyRoute, "user" | "password"> | undefined {
  const colon = text.indexOf(":");
  const user = unescaped(colon < 0 ? text : text.slice(0, colon));
  // RFC 7617 §2: a user name has neither control characters nor a colon.
  if (user === undefined || user === "" || /[\p{Cc}:]/u.test(user)) return undefined;
  if (colon < 0) return { user };
  const password = unescaped(text.slice(colon + 1));
  if (password === undefined || /\p{Cc}/u.test(password)) return undefined;
  return password === "" ? { user } : { user, password: proxyPassword(password) };
}

function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** The host of a URL or of a proxy's address as sockets take it. */
export function withoutBrackets(host: string): string {
  return host.startsWith("[") ? host.slice(1, -1) : host;
}

/** For people and requests: an IPv6 address is in brackets (RFC 3986 §3.2.2). */
export function formatHostAndPort({ host, port }: Target): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether two routes lead the same way, with the same login. */
export function isSameRoute(left: Route, right: Route): boolean {
  if (left.kind === "direct" || right.kind === "direct") return left.kind === right.kind;
  return (
    left.kind === right.kind &&
    usesTls(left) === usesTls(right) &&
    left.host === right.host &&
    left.port === right.port &&
    left.user === right.user &&
    isSamePassword(left.password, right.password)
  );
}

function usesTls(proxy: ProxyRoute): boolean {
  return proxy.kind === "connect" && proxy.tls;
}

function isSamePassword(left: ProxyPassword | undefined, right: ProxyPassword | undefined): boolean {
  return left === undefined || right === undefined ? left === right : left.equals(right);
}
