// What a script can rely on: one number for each kind of outcome.
import type { PosternError } from "../errors/postern-error.ts";

export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** Postern is not running, or runs already where it should be started. */
  notRunning: 3,
  /** No such account or local password, or one exists already. */
  notFound: 4,
  /** The sign-in did not succeed; a person must try again. */
  signIn: 5,
  /** `status --check`: something needs attention. */
  attention: 6,
  /** Failed now, may work later (sysexits.h EX_TEMPFAIL). */
  temporary: 75,
  /** Configuration, keychain or home folder (sysexits.h EX_CONFIG). */
  configuration: 78,
} as const;

export function exitCodeOf(error: PosternError): number {
  switch (error.code) {
    case "daemon-not-running":
    case "daemon-runs-already":
      return EXIT.notRunning;
    case "account-unknown":
    case "account-exists":
    case "local-password-unknown":
    case "local-password-exists":
      return EXIT.notFound;
    case "request-invalid":
      return EXIT.usage;
    case "internal":
      return EXIT.failed;
    default:
  }
  const { category, temporary } = error.entry;
  if (category === "sign-in") return EXIT.signIn;
  if (category === "keychain" || category === "configuration") return EXIT.configuration;
  return temporary ? EXIT.temporary : EXIT.failed;
}
