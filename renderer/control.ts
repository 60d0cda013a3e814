// How the page asks the daemon: by fetch, at its own origin. It never knows where it runs, and never holds a secret:
// whoever serves the page forwards what it asks (electron/app-protocol.ts).
import type { Snapshot } from "../src/control/contract.ts";

export interface Control {
  /** @throws Error when Postern does not answer */
  status(signal: AbortSignal): Promise<Snapshot>;
}

export function createControl(): Control {
  return {
    async status(signal) {
      const response = await fetch("/control/status", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: "{}",
        signal,
      });
      if (!response.ok) throw new Error(`status ${response.status}`);
      return response.json();
    },
  };
}
