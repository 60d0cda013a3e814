// The failure that a promise or a function ends with, for tests of Postern's errors.
import { PosternError } from "../../src/errors/postern-error.ts";

/** @throws when `work` succeeds, or fails with something that is not a PosternError */
export async function failureOf(work: Promise<unknown> | (() => unknown)): Promise<PosternError> {
  try {
    await (typeof work === "function" ? work() : work);
  } catch (thrown) {
    if (thrown instanceof PosternError) return thrown;
    throw thrown;
  }
  throw new Error("it succeeded");
}
