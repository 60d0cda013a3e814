// The control methods of starting with the machine or the person's session. Who asks by them, asks a Postern that runs: it
// is not started a second time.
import { homedir } from "node:os";
import type { Handlers } from "../control/server.ts";
import { programCommand } from "../installation/program.ts";
import { createService, runSystemProgram } from "../service/service.ts";

type Methods = "service.show" | "service.install" | "service.remove";

export function serviceHandlers(env: Readonly<Record<string, string | undefined>>): Pick<Handlers, Methods> {
  const service = createService({
    platform: process.platform,
    env,
    userHome: homedir(),
    userId: process.getuid?.(),
    command: programCommand(),
    run: runSystemProgram,
  });
  return {
    "service.show": () => service.show(),
    "service.install": () => service.install(false),
    "service.remove": () => service.remove(),
  };
}
