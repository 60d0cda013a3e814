// What `postern account add` asks for where it is missing: by which option, and why. Pure texts.
import type { Discovery } from "../control/contract.ts";
import { assertNever } from "../errors/assert-never.ts";
import type { Missing } from "../new-account/completion.ts";

export interface MissingOption {
  /** The option to name it by. */
  readonly option: "--imap" | "--smtp" | "--issuer" | "--client-id" | "--client-secret-file" | "--scope";
  readonly placeholder: string;
  readonly why: string;
}

export function describeMissing(missing: Missing, discovery: Discovery | undefined): MissingOption {
  switch (missing) {
    case "imap":
      return { option: "--imap", placeholder: "HOST:PORT", why: "the provider's IMAP server" };
    case "smtp":
      return { option: "--smtp", placeholder: "HOST:PORT", why: "the provider's submission server" };
    case "issuer":
      return {
        option: "--issuer",
        placeholder: "URL",
        why: "where you sign in: the provider's issuer, an https address",
      };
    case "client-id":
      return { option: "--client-id", placeholder: "ID", why: whyClientId(discovery) };
    case "client-secret":
      return {
        option: "--client-secret-file",
        placeholder: "FILE",
        why: "a file with the client secret that comes with it",
      };
    case "scope":
      return {
        option: "--scope",
        placeholder: '"SCOPE …"',
        why: "what to ask for: the issuer names nothing that Postern knows",
      };
    default:
      return assertNever(missing);
  }
}

function whyClientId(discovery: Discovery | undefined): string {
  if (discovery?.provider !== undefined) {
    return "a client id, which the provider wants a program to have and which Postern does not bring along";
  }
  return discovery?.issuer === undefined
    ? "the client id, unless that issuer lets programs register themselves"
    : "a client id: this issuer does not let programs register themselves, so ask whoever runs it";
}
