// Whether the program has got in. Invariant: what has been seen to work stays so, though Postern restarts and forgets.
import { useState } from "react";
import type { AccountView } from "../../../src/control/contract.ts";
import { type FirstLogins, firstLogins } from "../../../src/mail-program/first-login.ts";
import type { Protocol } from "../../../src/mail-program/program.ts";
import { useSnapshot } from "../../state/window-state.tsx";

export interface WatchedLogins extends FirstLogins {
  /** Since when there is something to wait for, by Postern's clock; undefined until it has told of the password. */
  readonly since: number | undefined;
}

export function useFirstLogins(
  { email, passwords }: Pick<AccountView, "email" | "passwords">,
  passwordName: string,
  protocols: readonly Protocol[],
): WatchedLogins {
  const { activity, connections } = useSnapshot();
  const [seen, setSeen] = useState<readonly Protocol[]>([]);
  const since = passwords.find(({ name }) => name === passwordName)?.createdAt;
  const now: FirstLogins =
    since === undefined
      ? { arrived: [], problem: undefined }
      : firstLogins({ activity, connections }, { email, passwordName, since, protocols });
  const fresh = now.arrived.filter((protocol) => !seen.includes(protocol));
  if (fresh.length > 0) setSeen([...seen, ...fresh]);
  return {
    since,
    arrived: protocols.filter((protocol) => seen.includes(protocol) || fresh.includes(protocol)),
    problem: now.problem,
  };
}
