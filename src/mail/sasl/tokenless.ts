// Logins that are meant to fail, so that a server says in its failure challenge which authorization server it believes
// (RFC 7628 §3.2.2). Invariant: nothing in them is secret, and nothing in them is about a person.
import { accessToken } from "../../secret/secret.ts";
import type { BearerMechanism } from "./mechanism.ts";
import { oauthbearer } from "./oauthbearer.ts";
import { xoauth2 } from "./xoauth2.ts";

export interface TokenlessLogin {
  readonly mechanism: BearerMechanism;
  /** The only message, before base64. */
  readonly message: Buffer;
}

/** A user whom no server has (RFC 2606 §2), and a word where a token would be. */
const NOBODY = "nobody@postern.invalid";
const NO_TOKEN = "none";

/**
 * What to try at a server, in this order, until one is answered with the name of an authorization server.
 * Without user and token first. Dovecot 2.3 drops that one without a challenge, so the second one has the form of
 * any other login. A server that speaks XOAUTH2 only may still say it: Dovecot does.
 * @param announced mechanism names in any case
 */
export function tokenlessLogins(announced: readonly string[], host: string, port: number): TokenlessLogin[] {
  const names = announced.map((name) => name.toUpperCase());
  const inForm = (mechanism: BearerMechanism): TokenlessLogin => ({
    mechanism,
    message: mechanism.format({ user: NOBODY, accessToken: accessToken(NO_TOKEN), host, port }),
  });
  if (names.includes(oauthbearer.name)) {
    const empty = Buffer.from(`n,,\x01host=${host}\x01port=${port}\x01auth=Bearer \x01\x01`);
    return [{ mechanism: oauthbearer, message: empty }, inForm(oauthbearer)];
  }
  return names.includes(xoauth2.name) ? [inForm(xoauth2)] : [];
}
