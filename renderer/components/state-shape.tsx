// A state's shape and its word. Invariant: never told by colour alone (window.md).
import type { AccountView } from "../../src/control/contract.ts";
import { useTexts } from "../texts.tsx";

export type State = AccountView["status"]["kind"];

const SHAPES: Readonly<Record<State, string>> = {
  working: "M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13z",
  "needs-you": "M8 1.5 15.2 14H.8z",
  "signed-out": "M8 1.5 15.2 14H.8z",
  offline: "M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13zm0 2.2a4.3 4.3 0 1 1 0 8.6a4.3 4.3 0 1 1 0-8.6z",
  blocked: "M2 2h12v12H2z",
};

/** @param isQuiet where the word stands beside it already */
export function StateShape({
  state,
  isQuiet = false,
}: {
  readonly state: State;
  readonly isQuiet?: boolean;
}) {
  const { t } = useTexts();
  const naming = isQuiet
    ? { "aria-hidden": true as const }
    : { role: "img", "aria-label": t(`state.${state}`) };
  return (
    <span className={`shape shape-${state}`} {...naming}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={SHAPES[state]} fillRule="evenodd" />
      </svg>
    </span>
  );
}
