// What the benchmark asks of its load process, as messages.

/** How a mail program logs in at a contender. */
export type LoginForm =
  /** With a user name and password of the contender's own. */
  | { readonly kind: "login"; readonly user: string; readonly password: string }
  /** By itself, through a relay that knows nothing of IMAP; the message is base64. */
  | { readonly kind: "xoauth2"; readonly message: string };

export type LoadRequest =
  /** One after the other. Answered with the milliseconds of each, from the TCP connection's start to the tagged OK. */
  | { readonly kind: "logins"; readonly port: number; readonly form: LoginForm; readonly count: number }
  /** Answered with the seconds that the octets took. */
  | {
      readonly kind: "download" | "upload";
      readonly port: number;
      readonly form: LoginForm;
      readonly octets: number;
    }
  /** Logs in `count` times and keeps all connections. Answered with nothing. */
  | { readonly kind: "hold"; readonly port: number; readonly form: LoginForm; readonly count: number }
  /** Closes all that is held. Answered with nothing. */
  | { readonly kind: "release" };

export type LoadAnswer =
  | { readonly kind: "done"; readonly numbers: readonly number[] }
  | { readonly kind: "failed"; readonly reason: string };
