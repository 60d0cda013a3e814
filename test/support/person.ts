// A person who signs in: an address, a password, and a browser that does as they would.
import type { TestAuthority } from "./authority.ts";
import { type RedirectAnswer, signInWithBrowser } from "./browser.ts";

export interface Person {
  readonly email: string;
  readonly password: string;
}

export const ALICE: Person = { email: "alice@example.test", password: "wonderland" };
export const BOB: Person = { email: "bob@example.test", password: "builder" };

export function signInAs(
  authorizationUrl: string,
  person: Person,
  authority: TestAuthority,
): Promise<RedirectAnswer> {
  return signInWithBrowser(authorizationUrl, { ...person, authority });
}
