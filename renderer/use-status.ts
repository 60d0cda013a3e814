// The daemon's state, asked for again and again. The page keeps no truth of its own: what it shows is the last answer.
import { useEffect, useState } from "react";
import type { Snapshot } from "../src/control/contract.ts";
import type { Control } from "./control.ts";

export type Known =
  | { readonly kind: "waiting" }
  | { readonly kind: "known"; readonly snapshot: Snapshot }
  /** Postern does not answer now; it may be restarting. */
  | { readonly kind: "away" };

const EVERY = 2000;

export function useStatus(control: Control): Known {
  const [known, setKnown] = useState<Known>({ kind: "waiting" });
  useEffect(() => {
    const over = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      const next = await control.status(over.signal).then(
        (snapshot): Known => ({ kind: "known", snapshot }),
        (): Known => ({ kind: "away" }),
      );
      if (over.signal.aborted) return;
      setKnown(next);
      timer = setTimeout(() => void ask(), EVERY);
    };
    void ask();
    return () => {
      over.abort();
      clearTimeout(timer);
    };
  }, [control]);
  return known;
}
