// One thing that a mail program asks for, and what to answer. Pure.
import type { LocalAccess, LocalServer } from "./local-access.ts";
import type { Protocol } from "./program.ts";

/** What a field is for: so that a failure can name the one to correct. */
export type FieldKind =
  | "person"
  | "address"
  | "protocol"
  | "host"
  | "port"
  | "encryption"
  | "authentication"
  | "user-name"
  | "password"
  | "option";

/** The field's name as the program has it: a word of its own language, or the name of a setting in its file. */
export type FieldLabel =
  | { readonly kind: "word"; readonly word: LabelWord }
  | { readonly kind: "setting"; readonly name: string };

export type FieldValue =
  | { readonly kind: "text"; readonly text: string }
  /** One of several that the program offers, called so in its own language. */
  | { readonly kind: "choice"; readonly choice: ChoiceWord }
  /** The person's name, which Postern does not know. */
  | { readonly kind: "own-name" }
  /** The local password: secret, and known only while it is shown. */
  | { readonly kind: "local-password" };

export interface Field {
  /** Unique on its card. */
  readonly id: string;
  readonly kind: FieldKind;
  /** A second thing that stands in it: mutt's address of a server has a user name and a port. */
  readonly alsoKind?: FieldKind;
  /** What it takes effect on. */
  readonly protocols: readonly Protocol[];
  readonly label: FieldLabel;
  readonly value: FieldValue;
}

/** Each has its words in src/messages, under `connect.label.`. */
export type LabelWord =
  | "thunderbird.name"
  | "thunderbird.address"
  | "thunderbird.protocol"
  | "thunderbird.host"
  | "thunderbird.port"
  | "thunderbird.encryption"
  | "thunderbird.authentication"
  | "thunderbird.user"
  | "thunderbird.password"
  | "outlook.address"
  | "outlook.password"
  | "outlook.server"
  | "outlook.port"
  | "outlook.encryption"
  | "outlook.spa"
  | "outlook-2010.name"
  | "outlook-2010.address"
  | "outlook-2010.type"
  | "outlook-2010.incoming"
  | "outlook-2010.outgoing"
  | "outlook-2010.user"
  | "outlook-2010.password"
  | "outlook-2010.requires-login"
  | "outlook-2010.same-login"
  | "outlook-2010.imap-port"
  | "outlook-2010.smtp-port"
  | "outlook-2010.encryption"
  | "apple.name"
  | "apple.address"
  | "apple.password"
  | "apple.user"
  | "apple.type"
  | "apple.incoming"
  | "apple.outgoing"
  | "apple.automatic"
  | "apple.port"
  | "apple.tls"
  | "apple.authentication"
  | "apple.insecure"
  | "scanner.server"
  | "scanner.port"
  | "scanner.encryption"
  | "scanner.authentication"
  | "scanner.user"
  | "scanner.password"
  | "scanner.sender"
  | "other.imap-server"
  | "other.smtp-server"
  | "other.port"
  | "other.encryption"
  | "other.authentication"
  | "other.user"
  | "other.password";

/** Each has its words in src/messages, under `connect.choice.`. */
export type ChoiceWord =
  | "imap"
  | "none"
  | "on"
  | "off"
  | "thunderbird.password"
  | "apple.password"
  | "scanner.password"
  | "other.password";

const BOTH: readonly Protocol[] = ["imap", "smtp"];

export const text = (value: string | number): FieldValue => ({ kind: "text", text: String(value) });
export const choice = (word: ChoiceWord): FieldValue => ({ kind: "choice", choice: word });

/** @param protocols what it takes effect on; both unless told otherwise */
export function field(
  word: LabelWord,
  kind: FieldKind,
  value: FieldValue,
  protocols: readonly Protocol[] = BOTH,
): Field {
  const id = [...(protocols.length === 1 ? protocols : []), word].join(".");
  return { id, kind, protocols, label: { kind: "word", word }, value };
}

export const localPassword: FieldValue = { kind: "local-password" };

/** The server of a protocol, where Postern listens for it. */
export function serverOf(access: LocalAccess, protocol: Protocol): LocalServer | undefined {
  return protocol === "imap" ? access.imap : access.smtp;
}
