// Stands in where no keychain was chosen: every use says so. Nothing is ever kept in clear instead.
import type { ErrorCode } from "../../errors/catalogue.ts";
import { PosternError } from "../../errors/postern-error.ts";
import type { Keychain } from "./keychain.ts";

export function createNoKeychain(code: ErrorCode, detail?: string): Keychain {
  const refuse = async (): Promise<never> => {
    throw new PosternError(code, detail === undefined ? {} : { detail });
  };
  return {
    kind: "none",
    check: refuse,
    prepare: refuse,
    read: refuse,
    replace: refuse,
    dropPredecessor: refuse,
    remove: refuse,
  };
}
