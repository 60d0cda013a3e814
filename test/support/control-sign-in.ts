// A sign-in by browser, begun over the control API as a front would begin it.
import type { ControlClient } from "../../src/control/client.ts";

export interface BegunSignIn {
  readonly attemptId: string;
  readonly authorizationUrl: string;
  readonly redirectUri: string;
}

export async function beginSignIn(control: ControlClient, email: string): Promise<BegunSignIn> {
  const started = await control.call("sign-in.start", { email, flow: "loopback", browserHere: true });
  if (started.flow !== "loopback") throw new Error(`the sign-in began as ${started.flow}`);
  return started;
}
