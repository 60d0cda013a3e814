// The way could be gone, but not to its end: the server behind it cannot be reached, or did not answer in time.

export class TargetUnreachable extends Error {
  /** A Node system error's code, as whoever calls fetch expects one. */
  readonly code: string;

  /** @param message host and port, and what happened */
  constructor(message: string, code: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "TargetUnreachable";
    this.code = code;
  }
}

/** Nobody said that it cannot be reached; the time was over. */
export class TargetTooLate extends TargetUnreachable {
  constructor(message: string) {
    super(message, "ETIMEDOUT");
    this.name = "TargetTooLate";
  }
}
