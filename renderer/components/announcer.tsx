// Says aloud, to those who listen to the window, what changes without their doing.
import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef, useState } from "react";
import { knownOf } from "../state/reduce.ts";
import { useWindowState } from "../state/window-state.tsx";
import { useTexts } from "../texts.tsx";

const AnnounceContext = createContext<(text: string) => void>(() => {});

export const useAnnounce = (): ((text: string) => void) => useContext(AnnounceContext);

export function Announcer({ children }: { readonly children: ReactNode }) {
  const [said, setSaid] = useState({ text: "", turn: 0 });
  const announce = useCallback((text: string) => setSaid(({ turn }) => ({ text, turn: turn + 1 })), []);
  return (
    <AnnounceContext value={announce}>
      {children}
      <StatusAnnouncements />
      {/* The same sentence twice must be said twice. */}
      <div className="only-heard" role="status" aria-live="polite">
        <span key={said.turn}>{said.text}</span>
      </div>
    </AnnounceContext>
  );
}

/** An account's state, when it becomes another. */
function StatusAnnouncements() {
  const { t, failure } = useTexts();
  const announce = useAnnounce();
  const accounts = knownOf(useWindowState())?.accounts;
  const before = useRef(new Map<string, string>());
  useEffect(() => {
    if (accounts === undefined) return;
    for (const { email, status } of accounts) {
      const was = before.current.get(email);
      if (was === undefined || was === status.kind) continue;
      const why = status.code === undefined ? "" : failure({ ...status, code: status.code }).say;
      announce(`${email}: ${t(`state.${status.kind}`)}. ${why}`);
    }
    before.current = new Map(accounts.map(({ email, status }) => [email, status.kind]));
  }, [accounts, announce, failure, t]);
  return null;
}
