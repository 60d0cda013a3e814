// The file by which an administrator gives everybody the organisation's client ids. Pure. Invariant: it holds no secret.

export interface PolicyFile {
  readonly version: 1;
  /** By the preset's id. */
  readonly providers: Readonly<Record<string, { readonly clientId: string; readonly tenant?: string }>>;
  /** Mail domains whose addresses may be added; every one where it is left out. */
  readonly allowedDomains?: readonly string[];
}

export function createPolicy(
  provider: string,
  client: { readonly clientId: string; readonly tenant?: string },
  allowedDomains: readonly string[] = [],
): PolicyFile {
  return {
    version: 1,
    providers: { [provider]: client },
    ...(allowedDomains.length === 0 ? {} : { allowedDomains }),
  };
}

export function formatPolicy(policy: PolicyFile): string {
  return `${JSON.stringify(policy, null, 2)}\n`;
}
