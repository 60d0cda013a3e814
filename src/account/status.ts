// What a person should know about an account, computed from facts (pure).
import { assertNever } from "../errors/assert-never.ts";
import { describe, type ErrorCode } from "../errors/catalogue.ts";
import { PosternError } from "../errors/postern-error.ts";
import type { TokenReport } from "../oauth/token/broker.ts";

/** Told by shape and word: ● working, ▲ needs you, ○ offline, ■ blocked, · nothing yet. */
export type StatusKind = "working" | "needs-you" | "offline" | "blocked" | "signed-out";

export interface AccountStatus {
  readonly kind: StatusKind;
  /** Present for everything but `working`. */
  readonly code: ErrorCode | undefined;
  readonly sentence: string;
  readonly action: string | undefined;
  /** What exactly happened, for whoever wants to know. */
  readonly detail: string | undefined;
  /** A text for an administrator, ready to send. */
  readonly letter: string | undefined;
  /** When Postern tries again by itself, on the monotonic clock. */
  readonly retryAt: number | undefined;
}

export interface StatusFacts {
  /** What the broker knows, or why the keychain could not be asked. */
  readonly token: TokenReport | PosternError;
  /** The last failure at the mail servers that no later login has cleared. */
  readonly mail: { readonly error: PosternError; readonly retryAt: number | undefined } | undefined;
  /** Why tokens are held back although somebody has signed in: `account-hosts-changed`. */
  readonly heldBack?: PosternError | undefined;
}

export function accountStatus(facts: StatusFacts): AccountStatus {
  const { token, mail, heldBack } = facts;
  if (token instanceof Error) return failureStatus(token, undefined);
  // Before everything that a new sign-in would solve: a person must know where that one would go.
  if (heldBack !== undefined) return failureStatus(heldBack, undefined);
  const { state, outage } = token;
  if (state.kind === "needs-attention") return failureStatus(state.error, undefined);
  if (outage !== undefined) return failureStatus(outage.error, outage.retryAt);
  if (state.kind === "unknown") return failureStatus(new PosternError("signed-out"), undefined);
  if (state.kind === "signed-out") return failureStatus(new PosternError(state.reason), undefined);
  if (token.unsaved) return failureStatus(new PosternError("sign-in-not-saved"), undefined);
  if (mail !== undefined) return failureStatus(mail.error, mail.retryAt);
  const isUsed = state.kind === "active" || state.used === true;
  return {
    kind: "working",
    code: undefined,
    sentence: isUsed ? "Signed in." : "Signed in; not used since Postern started.",
    action: undefined,
    detail: undefined,
    letter: undefined,
    retryAt: undefined,
  };
}

function failureStatus(error: PosternError, retryAt: number | undefined): AccountStatus {
  const { code, action, detail, letter } = error;
  return { kind: kindOf(code), code, sentence: error.sentence, action, detail, letter, retryAt };
}

function kindOf(code: ErrorCode): StatusKind {
  if (code === "signed-out") return "signed-out";
  const { category, temporary } = describe(code);
  switch (category) {
    case "network":
    case "throttled":
      return "offline";
    case "sign-in":
      return temporary ? "offline" : "needs-you";
    case "keychain":
    case "local-password":
    case "request":
      return "needs-you";
    case "refused":
    case "disabled":
    case "certificate":
    case "configuration":
      return "blocked";
    default:
      return assertNever(category);
  }
}
