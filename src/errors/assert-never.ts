// The end of every exhaustive `switch`: the compiler refuses a case that was forgotten.

/** @throws always; reaching it means that a type lied. */
export function assertNever(value: never): never {
  throw new Error(`unexpected case: ${JSON.stringify(value)}`);
}
