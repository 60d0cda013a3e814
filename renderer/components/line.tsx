// One line of state: a shape, a word for those who do not see it, and a sentence.
import type { AccountView } from "../../src/control/contract.ts";

export type State = AccountView["status"]["kind"];

/** Never by colour alone (window.md). */
const SHAPES: Readonly<Record<State, { readonly shape: string; readonly word: string }>> = {
  working: { shape: "●", word: "Working" },
  "needs-you": { shape: "▲", word: "Needs you" },
  "signed-out": { shape: "▲", word: "Needs you" },
  offline: { shape: "○", word: "Offline" },
  blocked: { shape: "■", word: "Blocked" },
};

export function Shape({ state }: { readonly state: State }) {
  const { shape, word } = SHAPES[state];
  return (
    <span className={`shape ${state}`} role="img" aria-label={word} title={word}>
      {shape}
    </span>
  );
}

export function Line({ state, text }: { readonly state: State; readonly text: string }) {
  return (
    <li>
      <Shape state={state} /> {text}
    </li>
  );
}
