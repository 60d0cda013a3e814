// The steps of a refresh at which a process may end.
export const STEPS = [
  "before the journal is written",
  "after the journal was written",
  "before the new token is stored",
  "after the new token was stored",
  "before the journal is cleared",
  "after the journal was cleared",
] as const;

export type Step = (typeof STEPS)[number];

/** Not an end: a keychain that refuses the new token twice, and takes it then. */
export const REFUSING_STORE = "the keychain refuses twice";
