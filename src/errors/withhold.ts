// Takes secrets out of a text that came back from elsewhere: a server may echo what it was sent.

const PLACEHOLDER = "[withheld]";
/** Shorter texts would hit by chance; no token or message of ours is that short. */
const SHORTEST = 8;

/** `text` without any of the secrets, also where only their first half is quoted. */
export function withhold(text: string, ...secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= SHORTEST)
    .flatMap((secret) => [secret, secret.slice(0, Math.max(SHORTEST, Math.ceil(secret.length / 2)))])
    .reduce((left, secret) => left.replaceAll(secret, PLACEHOLDER), text);
}
