// Which targets are reached without the proxy: NO_PROXY, which no RFC defines, read as curl reads it; and this machine.
import { BlockList, isIP } from "node:net";
import type { Target } from "./route.ts";

/**
 * @param list host names (each with everything below it), addresses, networks like 10.0.0.0/8, each with a port if need be, or `*`;
 * separated by commas or spaces. What is none of these excepts nothing: other programs put their own things there.
 */
export function isExcepted(target: Target, list: string): boolean {
  const host = canonicalHost(target.host);
  return list.split(/[\s,]+/).some((entry) => {
    const { name, port } = parseEntry(entry);
    if (port !== undefined && Number(port) !== target.port) return false;
    return name === "*" || isInNetwork(host, name) || isWithinDomain(host, name);
  });
}

/** 127.0.0.0/8, ::1, and the names that RFC 6761 §6.3 keeps for them. */
export function isLoopback(host: string): boolean {
  const name = canonicalHost(host);
  return isInNetwork(name, "127.0.0.0/8") || isInNetwork(name, "::1") || isWithinDomain(name, "localhost");
}

function parseEntry(entry: string): { name: string; port: string | undefined } {
  if (isIP(entry) === 6 || entry.includes("/")) return { name: entry, port: undefined };
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(entry) ?? [];
  return { name: bracketed ?? plain ?? "", port };
}

function isInNetwork(host: string, network: string): boolean {
  const [address = "", bits, ...more] = network.split("/");
  const hostFamily = familyOf(host);
  const family = familyOf(address);
  if (hostFamily === undefined || family === undefined || more.length > 0) return false;
  const longest = family === "ipv4" ? 32 : 128;
  const prefix = bits === undefined ? longest : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (!(prefix <= longest)) return false;
  const rule = new BlockList();
  rule.addSubnet(address, prefix, family);
  // An IPv4 rule also covers the address in its IPv6 form, ::ffff:10.0.0.1.
  return rule.check(host, hostFamily);
}

function familyOf(address: string): "ipv4" | "ipv6" | undefined {
  const version = isIP(address);
  if (version === 0) return undefined;
  return version === 4 ? "ipv4" : "ipv6";
}

/** `example.com`, `.example.com` and `*.example.com` all mean the name and everything below it. */
function isWithinDomain(host: string, entry: string): boolean {
  const domain = canonicalHost(entry.replace(/^\*?\./, ""));
  return domain !== "" && isIP(host) === 0 && (host === domain || host.endsWith(`.${domain}`));
}

function canonicalHost(host: string): string {
  return host.toLowerCase().replace(/\.$/, "");
}
