// How presets write down their servers: most have TLS from the start, take the address as user name, and differ by host.
import type { PresetServer } from "../preset.ts";

type Accepts = PresetServer["accepts"];
type Details = Pick<PresetServer, "alternatives" | "userName">;

/** TLS from the start. */
export function implicit(
  host: string,
  port: number,
  accepts: Accepts,
  details: Partial<Details> = {},
): PresetServer {
  return { host, port, tls: "implicit", accepts, userName: "address", ...details };
}

export function startTls(
  host: string,
  port: number,
  accepts: Accepts,
  details: Partial<Details> = {},
): PresetServer {
  return { host, port, tls: "starttls", accepts, userName: "address", ...details };
}
