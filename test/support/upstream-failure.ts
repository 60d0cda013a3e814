// How a failure of the provider's mail server is told (protocol.md §7), to the mail program and by status.
export interface UpstreamFailure {
  /** What the mail program is told, behind NO [UNAVAILABLE] or `smtpStatus`. */
  readonly sentence: string;
  readonly smtpStatus: "450 4.4.1" | "450 4.7.0" | "550 5.7.0";
  /** What status says. */
  readonly kind: "offline" | "blocked" | "needs-you";
  readonly code: string;
}

const blocked = (code: string, sentence: string): UpstreamFailure => ({
  sentence,
  smtpStatus: "450 4.7.0",
  kind: "blocked",
  code,
});
const offline = (code: string, sentence: string): UpstreamFailure => ({
  sentence,
  smtpStatus: "450 4.4.1",
  kind: "offline",
  code,
});

export const CERTIFICATE = blocked("upstream-certificate", "Secure connection failed");
export const WITHOUT_TLS = blocked("upstream-without-tls", "Secure connection failed");
export const PROTOCOL = blocked(
  "upstream-protocol",
  "The mail server gave an answer that Postern does not accept",
);
export const NO_MECHANISM = blocked(
  "upstream-no-mechanism",
  "The mail server does not accept this kind of sign-in",
);
export const REFUSED = blocked("upstream-refused", "The mail server refused the sign-in; see Postern");
export const CLOSED = offline("upstream-closed", "The mail server closed the connection; try again later");
export const UNREACHABLE = offline(
  "upstream-unreachable",
  "The mail server cannot be reached; try again later",
);
export const TIMEOUT = offline("upstream-timeout", "The mail server did not answer in time; try again later");

/** A limit, told in the server's own words. */
export const throttled = (sentence: string): UpstreamFailure => ({
  ...offline("upstream-throttled", sentence),
  smtpStatus: "450 4.7.0",
});

/** The tagged answer to LOGIN, without its tag. */
export const imapReply = ({ sentence }: UpstreamFailure): string => `NO [UNAVAILABLE] ${sentence}`;

/** The whole reply to MAIL. */
export const smtpReply = ({ smtpStatus, sentence }: UpstreamFailure): string => `${smtpStatus} ${sentence}`;
