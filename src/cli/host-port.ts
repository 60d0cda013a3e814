// Reads HOST:PORT as people write it.
import { wrongUsage } from "./output.ts";

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** `mail.example.org:993`, `127.0.0.1:143`, `[::1]:143`. @throws PosternError `request-invalid` */
export function parseHostPort(text: string, option: string): HostPort {
  const [, bracketed, plain, digits] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:[\]/]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port < 1 || port > 65_535) {
    throw wrongUsage(`${option} takes HOST:PORT, such as imap.example.org:993`);
  }
  return { host, port };
}
