// Everything that a screen may ask for in the person's language; texts.tsx gives it.
import type { Failure } from "../src/control/contract.ts";
import type { MessageKey } from "../src/messages/en.ts";
import type { FailureText } from "../src/messages/failure-text.ts";
import type { Language } from "../src/messages/language.ts";

export interface Texts {
  readonly language: Language;
  t(key: MessageKey, values?: Readonly<Record<string, string | number>>): string;
  /** What a failure or a status is called here; another version's code comes with its own sentence. */
  failure(
    failure: Pick<Failure, "code" | "sentence"> & { readonly action?: string | undefined },
  ): FailureText;
  /** "2 minutes ago", "in 3 hours". */
  relative(at: number, now: number): string;
  exact(at: number): string;
  clock(at: number): string;
  octets(octets: number): string;
}
