// The policy in force, and its changes while Postern runs.
// Invariants: a file that has become unusable leaves in force what held before, so that running mail goes on; one change
// at a time, and whoever asks after a change was written is answered after it has been followed.
import type { Cancel, Clock } from "../clock/clock.ts";
import type { Policy } from "./policy.ts";
import { type PolicyFile, readPolicyFile } from "./policy-file.ts";

export interface PolicyInForce {
  /** As it stands on the disk. */
  readonly file: PolicyFile;
  /** What holds: of an unusable file, what it said before it became so. */
  readonly policy: Policy | undefined;
}

export interface PolicySource {
  current(): PolicyInForce;
  /** Reads the file again. Resolves when what follows from a change has been done. Not for use in `onChange`. */
  refresh(): Promise<PolicyInForce>;
  /** Reads it again every five seconds. @param onChange does what follows from a change; it throws nothing */
  watch(onChange: () => Promise<void>): Cancel;
}

/** Not by the system's notification: it knows no folder that is not there yet, and no network drives. */
const INTERVAL = 5000;

/** @param paths as `policyPaths` has them */
export async function openPolicy(paths: readonly string[], clock: Clock): Promise<PolicySource> {
  const file = await readPolicyFile(paths);
  let current: PolicyInForce = { file, policy: policyOf(file) };
  let follow = async (): Promise<void> => {};
  let queue: Promise<unknown> = Promise.resolve();

  async function readAgain(): Promise<PolicyInForce> {
    const next = await readPolicyFile(paths);
    if (JSON.stringify(next) !== JSON.stringify(current.file)) {
      current = { file: next, policy: next.kind === "flawed" ? current.policy : policyOf(next) };
      await follow();
    }
    return current;
  }

  function refresh(): Promise<PolicyInForce> {
    const reading = queue.then(readAgain);
    queue = reading.catch(() => {});
    return reading;
  }

  return {
    current: () => current,
    refresh,
    watch(onChange) {
      follow = onChange;
      let cancel: Cancel = () => {};
      let isOver = false;
      const next = (): void => {
        if (isOver) return;
        cancel = clock.schedule(INTERVAL, () => void refresh().then(next, next));
      };
      next();
      return () => {
        isOver = true;
        follow = async () => {};
        cancel();
      };
    },
  };
}

function policyOf(file: PolicyFile): Policy | undefined {
  return file.kind === "policy" ? file.policy : undefined;
}
