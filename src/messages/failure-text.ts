// What people are told of one failure, in one language.

export interface FailureText {
  /** What happened, and what it means for the mail. */
  readonly say: string;
  /** What to do about it, in the window. */
  readonly do: string;
}
