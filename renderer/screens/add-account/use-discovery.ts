// What is known of an address's provider, looked up once for a screen that can do without.
import { useEffect, useState } from "react";
import type { Discovery } from "../../../src/control/contract.ts";
import type { Control } from "../../control.ts";

/** @param email undefined: nothing is looked up */
export function useDiscovery(control: Control, email: string | undefined): Discovery | undefined {
  const [found, setFound] = useState<Discovery>();
  useEffect(() => {
    if (email === undefined) return;
    const over = new AbortController();
    control.call("account.discover", { email }, over.signal).then(setFound, () => {});
    return () => over.abort();
  }, [control, email]);
  return found;
}
