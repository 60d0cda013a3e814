// Gives every screen the one state and the one way to ask. Invariant: one event stream for the whole page.
import { createContext, type ReactNode, useContext, useEffect, useReducer } from "react";
import type { Snapshot } from "../../src/control/contract.ts";
import type { Control } from "../control.ts";
import { follow, waitFor } from "./follow.ts";
import { knownOf, reduce, type WindowState } from "./reduce.ts";

interface Shared {
  readonly control: Control;
  readonly state: WindowState;
}

const SharedContext = createContext<Shared | undefined>(undefined);

export function WindowStateProvider({
  control,
  children,
}: {
  readonly control: Control;
  readonly children: ReactNode;
}) {
  const [state, tell] = useReducer(reduce, { kind: "connecting" });
  useEffect(() => {
    const over = new AbortController();
    void follow({ control, tell, now: Date.now, wait: waitFor }, over.signal);
    return () => over.abort();
  }, [control]);
  return <SharedContext value={{ control, state }}>{children}</SharedContext>;
}

function useShared(): Shared {
  const shared = useContext(SharedContext);
  if (shared === undefined) throw new Error("outside of WindowStateProvider");
  return shared;
}

export const useControl = (): Control => useShared().control;
export const useWindowState = (): WindowState => useShared().state;

/** For screens that are shown only when there is one. */
export function useSnapshot(): Snapshot {
  const snapshot = knownOf(useShared().state);
  if (snapshot === undefined) throw new Error("shown before anything is known");
  return snapshot;
}
