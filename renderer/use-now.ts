// The time, for texts that grow old. Invariant: a clock that nobody looks at does not tick.
import { useEffect, useState } from "react";

/** @param every milliseconds between two looks at the clock */
export function useNow(every = 15_000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
