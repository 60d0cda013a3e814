// Changes settings one by one, and knows which an administrator has set.
import type { Request } from "../../../src/control/contract.ts";
import { type Task, useTask } from "../../state/use-task.ts";
import { useControl, useSnapshot } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";

export type Changes = Request<"settings.change">;
/** Gives true when it was saved. */
export type SaveTask = Task<[Changes], true>;

export function useSave(): SaveTask {
  const control = useControl();
  return useTask(async (signal, changes: Changes) => {
    await control.call("settings.change", changes, signal);
    return true as const;
  });
}

export interface Lock {
  isLocked(name: keyof Changes): boolean;
  /** Who has set it, in words. */
  readonly note: string;
}

export function useLock(): Lock {
  const { t } = useTexts();
  const { policy } = useSnapshot();
  const locked = new Set(policy?.locked);
  const { organisation } = policy ?? {};
  return {
    isLocked: (name) => locked.has(name),
    note: organisation === undefined ? t("common.locked") : t("common.locked-by", { organisation }),
  };
}
