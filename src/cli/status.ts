// `postern status`: everything at a glance, and a check for scripts.
import { Command } from "commander";
import type { Snapshot } from "../control/contract.ts";
import { daemon } from "./daemon.ts";
import {
  describeAccount,
  describeKeychain,
  describeListener,
  describePause,
  describePolicy,
} from "./describe.ts";
import { EXIT } from "./exit-code.ts";
import { print, relativeTime, run } from "./output.ts";

interface Options {
  readonly check?: boolean;
  readonly json?: boolean;
}

export function status(): Command {
  return new Command("status")
    .description("Shows the daemon, its listeners, the keychain and the accounts.")
    .option("--check", "exit with 6 unless everything works")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\n● working   ▲ needs you   ○ offline   ■ blocked\n\nExample:\n  postern status --check",
    )
    .action((options: Options) =>
      run(options, async () => {
        const snapshot = await (await daemon()).call("status", {});
        print(options, snapshot, describeSnapshot(snapshot, Date.now()));
        return options.check && !isAllWell(snapshot) ? EXIT.attention : EXIT.done;
      }),
    );
}

function describeSnapshot(snapshot: Snapshot, now: number): string {
  const { keychain, listeners, accounts, notices } = snapshot;
  const lines = [
    `Postern ${snapshot.version}, process ${snapshot.processId}, started ${relativeTime(snapshot.startedAt, now)}`,
    `Files in ${snapshot.home}`,
    ...(snapshot.paused ? [describePause()] : []),
    ...describePolicy(snapshot.policy),
    ...describeKeychain(keychain),
  ];
  lines.push(...listeners.map(describeListener));
  lines.push(...notices.map((notice) => `▲ ${notice}`));
  lines.push(...accounts.map((account) => describeAccount(account, now)));
  if (accounts.length === 0) lines.push("No accounts yet. Add one: postern account add --help");
  return lines.join("\n");
}

function isAllWell({ paused, keychain, listeners, accounts, policy }: Snapshot): boolean {
  return (
    !paused &&
    policy?.problem === undefined &&
    keychain.ready &&
    listeners.every(({ state }) => state === "listening" || state === "absent") &&
    accounts.every((account) => account.status.kind === "working")
  );
}
