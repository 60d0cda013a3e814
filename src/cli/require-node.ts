// Says in one sentence that this Node is too old, before anything fails in a less readable way.
import { EXIT } from "./exit-code.ts";

/** undici, commander and tls.setDefaultCACertificates want it; package.json says the same. */
const OLDEST = [22, 19] as const;

export function requireNode(version: string): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  process.stderr.write(`postern: Node ${version} is too old; Postern needs ${OLDEST.join(".")} or newer.\n`);
  process.exit(EXIT.configuration);
}
