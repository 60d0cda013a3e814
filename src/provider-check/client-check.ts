// What can be found out from outside about a client id that somebody has just registered. Nobody signs in.
// Invariant: the client secret goes to the provider's own token endpoint and nowhere else, and comes back in no sentence.
import type { OAuthClientSettings } from "../oauth/client/settings.ts";
import type { ClientSecret } from "../secret/secret.ts";

/** A client id on trial, with all that a sign-in would send. */
export interface ClientOnTrial {
  readonly issuer: string;
  readonly endpoints: NonNullable<OAuthClientSettings["endpoints"]>;
  readonly clientId: string;
  readonly clientSecret: ClientSecret | undefined;
  /** As it is registered. */
  readonly redirectUri: string;
  /** As the authorization request carries it, with the provider's own separator. */
  readonly scope: string;
  readonly authorizationParameters: Readonly<Record<string, string>>;
  /** Whether the device flow is for this client too, so that it may be asked there. */
  readonly hasDeviceFlow: boolean;
}

export interface CheckOutcome {
  /** "unclear": it answered, or did not, in a way that says nothing about the client. */
  readonly result: "passed" | "failed" | "unclear";
  /** For a person. */
  readonly sentence: string;
  /** What to do, where it failed and that is known. */
  readonly action?: string;
}

export function passed(sentence: string): CheckOutcome {
  return { result: "passed", sentence };
}

export function failed(sentence: string, action?: string): CheckOutcome {
  return { result: "failed", sentence, ...(action === undefined ? {} : { action }) };
}

export function unclear(sentence: string): CheckOutcome {
  return { result: "unclear", sentence };
}
