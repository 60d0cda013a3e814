// What the administrator's policy forbids, and how it is shown.
// Invariants: nothing new begins under a policy that cannot be read; of a domain that is not allowed nothing is sent
// anywhere, also where the account was there before the policy.
import type { Account } from "../account/account.ts";
import type { PolicyView } from "../control/contract.ts";
import { PosternError } from "../errors/postern-error.ts";
import { isDomainAllowed, lockedSettings } from "../policy/apply-policy.ts";
import type { Policy } from "../policy/policy.ts";
import type { PolicyInForce, PolicySource } from "../policy/policy-source.ts";

/** The policy as it stands on the disk now. @throws PosternError `policy-unusable` */
export async function usablePolicy(source: Pick<PolicySource, "refresh">): Promise<Policy | undefined> {
  const { file } = await source.refresh();
  if (file.kind === "flawed") {
    throw new PosternError("policy-unusable", { detail: `${file.path}: ${file.problem}` });
  }
  return file.kind === "policy" ? file.policy : undefined;
}

/** Why this address cannot be used here. */
export function forbidden(
  policy: Policy | undefined,
  { email }: Pick<Account, "email">,
): PosternError | undefined {
  if (isDomainAllowed(policy, email)) return undefined;
  const allowed = policy?.allowedDomains?.join(", ") || "none";
  return new PosternError("policy-forbids", { detail: `${email}; allowed: ${allowed}` });
}

/** Undefined where no administrator's file is on this machine. */
export function viewPolicy({ file, policy }: PolicyInForce): PolicyView | undefined {
  if (file.kind === "none") return undefined;
  const { organisation, allowedDomains } = policy ?? {};
  return {
    path: file.path,
    locked: [...lockedSettings(policy)],
    // Of a policy that nobody has been able to read it is not known: then nothing is changed by itself.
    updates: policy === undefined ? false : (policy.updates ?? true),
    ...(organisation === undefined ? {} : { organisation }),
    ...(allowedDomains === undefined ? {} : { allowedDomains }),
    ...(file.kind === "flawed" ? { problem: file.problem } : {}),
  };
}

/** An administrator's misspelling looks like a newer version's word. */
export function describeUnknown({ file }: PolicyInForce): readonly string[] {
  if (file.kind !== "policy" || file.unknown.length === 0) return [];
  return [
    `${file.path} says what this Postern does not know, and passes over: ${file.unknown.slice(0, 10).join(", ")}.`,
  ];
}
