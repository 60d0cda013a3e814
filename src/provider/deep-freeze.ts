// Makes data immutable to its last element, so that a bundle of issuer, endpoints and hosts stays the one that was
// shipped (threats.md G1).

/** `T` with every property and element read-only. */
export type DeepReadonly<T> = T extends readonly (infer Element)[]
  ? readonly DeepReadonly<Element>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** The same value, frozen. For plain objects, arrays and single values. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const element of Object.values(value)) deepFreeze(element);
  return Object.freeze(value);
}
