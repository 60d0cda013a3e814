// Where the person is: whether a browser can open in front of them, and how they could reach this machine by ssh.
import { hostname, userInfo } from "node:os";

/** Over ssh the display, if any, is another machine's. Pure, but for what it is handed. */
export function hasBrowser(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): boolean {
  if (platform === "win32" || platform === "darwin") return !env.SSH_CONNECTION;
  return Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/** What to run where the browser is, so that it reaches an address of this machine's own, at the same port. */
export function formatTunnelCommand(url: string, env: Readonly<Record<string, string | undefined>>): string {
  const { port, hostname: host } = new URL(url);
  const target = host === "localhost" ? "127.0.0.1" : host;
  // sshd tells by which of its addresses it was reached: client, port, server, port.
  const [, , server = hostname(), serverPort = "22"] = env.SSH_CONNECTION?.split(" ") ?? [];
  const portOption = serverPort === "22" ? "" : `-p ${serverPort} `;
  return `ssh -N -L ${port}:${target}:${port} ${portOption}${userInfo().username}@${server}`;
}
