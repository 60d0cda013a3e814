// `postern service`: Postern starts by itself. Works without a running daemon: it may be what starts it the first time.
import { homedir } from "node:os";
import { Command } from "commander";
import { programCommand } from "../installation/program.ts";
import { createService, runSystemProgram, type Service, type ServiceState } from "../service/service.ts";
import { daemon } from "./daemon.ts";
import { type OutputOptions, print, run } from "./output.ts";

export function service(): Command {
  const command = new Command("service").description(
    "Starts Postern by itself, when you log in or the machine starts.",
  );
  command.addCommand(
    subcommand(
      "install",
      "Makes Postern start by itself, and starts it where it does not run.",
      async (here) => here.install(!(await runsAlready())),
    ),
  );
  command.addCommand(
    subcommand("remove", "Postern starts by itself no more. What runs now goes on.", (here) => here.remove()),
  );
  command.addCommand(subcommand("status", "Says whether Postern starts by itself.", (here) => here.show()));
  return command;
}

function subcommand(
  name: string,
  description: string,
  act: (here: Service) => Promise<ServiceState>,
): Command {
  return new Command(name)
    .description(description)
    .option("--json", "print JSON")
    .addHelpText("after", `\nExample:\n  postern service ${name}`)
    .action((options: OutputOptions) =>
      run(options, async () => {
        const state = await act(thisService());
        print(options, state, describeService(state));
        return undefined;
      }),
    );
}

export function describeService({ kind, installed, path, notice }: ServiceState): string {
  const name = {
    "systemd-user": "systemd user unit",
    "launch-agent": "launch agent",
    "windows-logon": "logon entry",
  };
  const line =
    kind === "none"
      ? "Postern does not start by itself here."
      : `${installed ? "Postern starts by itself" : "Postern does not start by itself"} (${name[kind]} ${path}).`;
  return [line, ...(notice === undefined ? [] : [notice])].join("\n");
}

function thisService(): Service {
  return createService({
    platform: process.platform,
    env: process.env,
    userHome: homedir(),
    userId: process.getuid?.(),
    command: programCommand(),
    run: runSystemProgram,
  });
}

const runsAlready = (): Promise<boolean> =>
  daemon().then(
    () => true,
    () => false,
  );
