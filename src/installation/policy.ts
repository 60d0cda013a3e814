// Where an administrator puts the file that holds for everybody on a machine.
import { join } from "node:path";

/** `POSTERN_POLICY`, or the machine-wide place of the system. */
export function locatePolicy(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): string {
  if (env.POSTERN_POLICY) return env.POSTERN_POLICY;
  if (platform === "win32") return join(env.ProgramData || "C:\\ProgramData", "Postern", "policy.json");
  if (platform === "darwin") return "/Library/Application Support/Postern/policy.json";
  return "/etc/postern/policy.json";
}
