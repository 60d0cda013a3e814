// The three Reflect functions that tsyringe (inside @peculiar/x509) insists on; import this before that package.
// Invariant: what was defined for a target and key is found again, along the prototype chain for getMetadata.

const metadata = new WeakMap<object, Map<unknown, unknown>>();

function defineMetadata(key: unknown, value: unknown, target: object): void {
  const entries = metadata.get(target) ?? new Map<unknown, unknown>();
  entries.set(key, value);
  metadata.set(target, entries);
}

function getOwnMetadata(key: unknown, target: object): unknown {
  return metadata.get(target)?.get(key);
}

function getMetadata(key: unknown, target: object | null): unknown {
  if (target === null) return undefined;
  if (metadata.get(target)?.has(key)) return getOwnMetadata(key, target);
  return getMetadata(key, Object.getPrototypeOf(target));
}

if (!("getMetadata" in Reflect)) {
  Object.assign(Reflect, { defineMetadata, getOwnMetadata, getMetadata });
}
