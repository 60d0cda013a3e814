// Where an administrator puts the file that holds for everybody on a machine.

/**
 * The places of the policy file, in the order in which they count. `POSTERN_POLICY` is last, and the machine's place does
 * not follow the environment: who runs Postern decides its environment, and would get out of the policy by it.
 */
export function policyPaths(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): readonly string[] {
  return [machinePolicyPath(platform), ...(env.POSTERN_POLICY ? [env.POSTERN_POLICY] : [])];
}

/** Where only an administrator can write. On Windows that is not ProgramData: there anybody may make a folder. */
export function machinePolicyPath(platform: NodeJS.Platform): string {
  if (platform === "win32") return "C:\\Program Files\\Postern\\policy.json";
  if (platform === "darwin") return "/Library/Application Support/Postern/policy.json";
  return "/etc/postern/policy.json";
}
