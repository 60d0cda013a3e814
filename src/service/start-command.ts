// What a system's own starter has to run, and with which environment.
// Invariant: what is taken along are names of files and choices; nothing secret gets into a unit, a plist or the registry.

export interface StartCommand {
  /** The program, with full path. */
  readonly program: string;
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** A proxy is not among them: its address may have a password in it. It has a setting of its own. */
const KEPT = [
  "POSTERN_HOME",
  "POSTERN_KEYCHAIN",
  "POSTERN_KEYCHAIN_KEY_FILE",
  "POSTERN_POLICY",
  "NODE_EXTRA_CA_CERTS",
] as const;

/** @param command what a `postern` command is put behind */
export function startCommand(
  [program, ...words]: readonly [string, ...string[]],
  env: Environment,
): StartCommand {
  const kept = KEPT.flatMap((name) => {
    const value = env[name];
    return value === undefined || value === "" ? [] : [[name, value] as const];
  });
  return { program, words: [...words, "serve"], environment: Object.fromEntries(kept) };
}
