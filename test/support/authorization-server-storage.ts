// Everything the authorization server remembers, in this process's memory.
// Invariant: nothing is ever evicted before it expires, and revoking a grant leaves none of its tokens.
import type { Adapter, AdapterPayload } from "oidc-provider";

export interface AuthorizationServerStorage {
  /** The oidc-provider adapter for one model ("Grant", "AccessToken", "RefreshToken", ...). */
  adapterFor(model: string): Adapter;
  /** Revokes every grant that an account (an oidc-provider accountId) has given, and their tokens. */
  revokeGrantsOfAccount(accountId: string): Promise<void>;
}

interface Entry {
  readonly model: string;
  readonly id: string;
  readonly payload: AdapterPayload;
  /** Milliseconds since the epoch; Infinity for what never expires. */
  readonly expiresAt: number;
}

export function createAuthorizationServerStorage(): AuthorizationServerStorage {
  const entries = new Map<string, Entry>();

  function removeWhere(isUnwanted: (entry: Entry) => boolean): void {
    for (const [key, entry] of entries) {
      if (isUnwanted(entry)) entries.delete(key);
    }
  }

  function revokeGrant(grantId: string): void {
    removeWhere((entry) => entry.payload.grantId === grantId && entry.model !== "Session");
  }

  function adapterFor(model: string): Adapter {
    function findWhere(isWanted: (entry: Entry) => boolean): AdapterPayload | undefined {
      for (const entry of entries.values()) {
        if (entry.model === model && entry.expiresAt > Date.now() && isWanted(entry)) return entry.payload;
      }
      return undefined;
    }

    return {
      async upsert(id, payload, expiresIn) {
        const expiresAt = expiresIn === undefined ? Number.POSITIVE_INFINITY : Date.now() + expiresIn * 1000;
        entries.set(`${model} ${id}`, { model, id, payload, expiresAt });
      },
      async find(id) {
        const entry = entries.get(`${model} ${id}`);
        return entry && entry.expiresAt > Date.now() ? entry.payload : undefined;
      },
      findByUserCode: async (userCode) => findWhere((entry) => entry.payload.userCode === userCode),
      findByUid: async (uid) => findWhere((entry) => entry.payload.uid === uid),
      async consume(id) {
        const entry = entries.get(`${model} ${id}`);
        if (entry) entry.payload.consumed = Math.floor(Date.now() / 1000);
      },
      async destroy(id) {
        entries.delete(`${model} ${id}`);
      },
      async revokeByGrantId(grantId) {
        removeWhere((entry) => entry.model === model && entry.payload.grantId === grantId);
      },
    };
  }

  async function revokeGrantsOfAccount(accountId: string): Promise<void> {
    for (const entry of [...entries.values()]) {
      if (entry.model !== "Grant" || entry.payload.accountId !== accountId) continue;
      entries.delete(`Grant ${entry.id}`);
      revokeGrant(entry.id);
    }
  }

  return { adapterFor, revokeGrantsOfAccount };
}
