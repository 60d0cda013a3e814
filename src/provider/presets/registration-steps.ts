// How most registration guides end: Postern looks whether the provider knows the client id, and the person signs in.
import type { RegistrationStep } from "../preset.ts";

/** @param title a question with an answer: "See whether Fastmail knows it" */
export function look(title: string): RegistrationStep {
  return {
    id: "look",
    title,
    text: "Postern asks the sign-in page and looks at the answer. Nothing is signed in yet.",
    check: { kind: "authorize-endpoint-accepts" },
  };
}

/** @param text what to know at the provider's own pages */
export function signIn(text = "Sign in with the mailbox's own account."): RegistrationStep {
  return { id: "sign-in", title: "Sign in", text, check: { kind: "signs-in" } };
}
