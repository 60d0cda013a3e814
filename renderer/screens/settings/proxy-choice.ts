// A proxy setting's text, and what a person chooses: none, the computer's, or an address. Pure.

export type ProxyKind = "none" | "environment" | "address";

export interface ProxyChoice {
  readonly kind: ProxyKind;
  readonly address: string;
}

export function parseProxy(setting: string): ProxyChoice {
  return setting === "none" || setting === "environment"
    ? { kind: setting, address: "" }
    : { kind: "address", address: setting };
}

/** Undefined while the address cannot be one: as settings-shapes.ts has it, which no page may load. */
export function formatProxy({ kind, address }: ProxyChoice): string | undefined {
  if (kind !== "address") return kind;
  const text = address.trim();
  return ADDRESS.test(text) ? text : undefined;
}

const ADDRESS = /^(?:http|https|socks5):\/\/(?:[^\s:@/]+@)?(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}\/?$/;
