// How a command finds the daemon of its home.
import { type ControlClient, connectToDaemon } from "../control/client.ts";
import { locateHome } from "../installation/home.ts";

/** @throws PosternError `daemon-not-running` */
export function daemon(): Promise<ControlClient> {
  return connectToDaemon(locateHome(process.env).controlFile);
}
