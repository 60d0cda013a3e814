// Chooses what to ask an authorization server for, from what mail server, resource and authorization server say. Pure.

export interface KnownScopes {
  /** What the mail server demands in its failure challenge (RFC 7628 §3.2.2), separated by spaces. */
  readonly demanded: string | undefined;
  /** What the resource's metadata lists (RFC 9728). */
  readonly resource: readonly string[];
  /** `scopes_supported` of the authorization server (RFC 8414); undefined where it does not say. */
  readonly supported: readonly string[] | undefined;
}

/** Names for mail, best first: the one of the OAuth Profile for Open Public Clients, then providers' own (providers.md §1). */
const MAIL: readonly (readonly string[])[] = [
  ["urn:ietf:params:oauth:scope:mail"],
  ["https://mail.google.com/"],
  ["https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/SMTP.Send"],
  ["https://www.fastmail.com/dev/protocol-imap", "https://www.fastmail.com/dev/protocol-smtp"],
  ["mail:imap_full", "mail:smtp"],
  ["mail"],
];

/** To learn who signed in, and to stay signed in. */
const COMPANIONS = ["openid", "email", "offline_access"] as const;

const LONGEST = 2048;

/** Separated by spaces; undefined where nothing is known to ask for. */
export function chooseScope({ demanded, resource, supported }: KnownScopes): string | undefined {
  const offered = new Set([...resource, ...(supported ?? [])]);
  const mail = demanded?.split(" ") ?? MAIL.find((names) => names.every((name) => offered.has(name))) ?? [];
  const companions = COMPANIONS.filter((name) => supported === undefined || supported.includes(name));
  // RFC 6749 §3.3.
  const words = [...new Set([...mail, ...companions])].filter((word) =>
    /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(word),
  );
  const scope = words.join(" ");
  return scope === "" || scope.length > LONGEST ? undefined : scope;
}
