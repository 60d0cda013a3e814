// One daemon a home: two of them would refresh with the same token, and the authorization server would end the sign-in.
import { PosternError, systemCode } from "../errors/postern-error.ts";
import { tryToLock } from "../storage/process-lock.ts";

export interface InstanceLock {
  release(): Promise<void>;
}

/**
 * @param answers whether a daemon answers for this home: decides where the system does not tell when a process started
 * @throws PosternError `daemon-runs-already` naming the process, `home-unusable`
 */
export async function acquireInstanceLock(
  path: string,
  answers?: () => Promise<boolean>,
): Promise<InstanceLock> {
  const attempt = await tryToLock(path, answers).catch((thrown: unknown) => {
    throw new PosternError("home-unusable", { detail: `${path}: ${systemCode(thrown)}`, cause: thrown });
  });
  if (attempt.kind === "acquired") return attempt;
  throw new PosternError("daemon-runs-already", { detail: `process ${attempt.processId}` });
}
