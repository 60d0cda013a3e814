// What a look at a provider's live servers brought: what agrees with the preset, what differs, what it does not know yet,
// and what could not be asked. Invariant: a finding that differs is one that a server has said, never that it was silent.

export type Verdict = "agrees" | "differs" | "learned" | "not-asked";

export interface Finding {
  readonly verdict: Verdict;
  /** Of the preset: "oauth.endpoints.token", "mail.imap". */
  readonly path: string;
  /** For a person. */
  readonly sentence: string;
  /** What the preset says, and what the server says, where both can be put in a line. */
  readonly preset?: string;
  readonly live?: string;
}

export interface ProviderReport {
  readonly differences: readonly Finding[];
  readonly agreements: readonly Finding[];
  /** Said by the servers, and not in the preset. */
  readonly learned: readonly Finding[];
  readonly notAsked: readonly Finding[];
}

export function groupFindings(findings: readonly Finding[]): ProviderReport {
  const having = (verdict: Verdict): readonly Finding[] =>
    findings.filter((finding) => finding.verdict === verdict);
  return {
    differences: having("differs"),
    agreements: having("agrees"),
    learned: having("learned"),
    notAsked: having("not-asked"),
  };
}

export function agrees(path: string, sentence: string): Finding {
  return { verdict: "agrees", path, sentence };
}

export function learned(path: string, sentence: string): Finding {
  return { verdict: "learned", path, sentence };
}

export function notAsked(path: string, sentence: string): Finding {
  return { verdict: "not-asked", path, sentence };
}

export function differs(path: string, sentence: string, values: { preset: string; live: string }): Finding {
  return { verdict: "differs", path, sentence, ...values };
}
