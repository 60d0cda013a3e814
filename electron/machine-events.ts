// What the machine tells of itself, passed on to the daemon: sleep, waking up, and whether there is a network.
// Invariant: each change is told once; a daemon that is away is told nothing, since it looks for itself when it starts.
import type { Clock } from "../src/clock/clock.ts";
import type { Request } from "../src/control/contract.ts";
import type { PowerMonitorSlice } from "./electron-api.ts";

export type MachineChange = Request<"machine.changed">["what"];

export interface MachineEventParts {
  readonly powerMonitor: PowerMonitorSlice;
  isOnline(): boolean;
  readonly clock: Clock;
  tell(what: MachineChange): void;
}

/** Electron's main process has no event for it. */
const LOOK_EVERY = 5000;

export function passOnMachineEvents({ powerMonitor, isOnline, clock, tell }: MachineEventParts): void {
  powerMonitor.on("suspend", () => tell("suspending"));
  powerMonitor.on("resume", () => tell("resumed"));
  let wasOnline = isOnline();
  const look = (): void => {
    const online = isOnline();
    if (online !== wasOnline) tell(online ? "online" : "offline");
    wasOnline = online;
    clock.schedule(LOOK_EVERY, look);
  };
  clock.schedule(LOOK_EVERY, look);
}
