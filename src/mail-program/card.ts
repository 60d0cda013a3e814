// The card of values for one mail program: groups of fields, in the order in which that program asks for them. Pure.
import { apple, type Group, other, outlook, outlook2010, scanner, thunderbird } from "./card-groups.ts";
import type { Field, FieldKind } from "./field.ts";
import type { LocalAccess } from "./local-access.ts";
import { muttSettings } from "./muttrc.ts";
import { type Protocol, protocolsOf, type Setup } from "./program.ts";

/** What a person should know before they begin; each has its words in src/messages, under `connect.note.`. */
export type Note =
  | "not-listening"
  | "outlook-new"
  | "apple-this-mac"
  | "mutt-all-three"
  | "scanner-this-machine"
  | "thunderbird-warning";

export interface Card {
  readonly groups: readonly Group[];
  readonly notes: readonly Note[];
}

export function cardOf(setup: Setup, access: LocalAccess): Card {
  const groups = groupsOf(setup, access).filter(({ fields }) => fields.length > 0);
  const deaf = protocolsOf(setup).some((protocol) => access[protocol] === undefined);
  return { groups, notes: [...(deaf ? (["not-listening"] as const) : []), ...NOTES[setup]] };
}

const NOTES: Readonly<Record<Setup, readonly Note[]>> = {
  thunderbird: ["thunderbird-warning"],
  "outlook-classic": [],
  "outlook-2010": [],
  "outlook-new": ["outlook-new"],
  "apple-mail": ["apple-this-mac"],
  mutt: ["mutt-all-three"],
  scanner: ["scanner-this-machine"],
  other: [],
};

function groupsOf(setup: Setup, access: LocalAccess): readonly Group[] {
  switch (setup) {
    case "thunderbird":
      return thunderbird(access);
    case "outlook-classic":
      return outlook(access);
    case "outlook-2010":
      return outlook2010(access);
    case "outlook-new":
      return [];
    case "apple-mail":
      return apple(access);
    case "mutt":
      return [{ name: "mutt.file", fields: muttFields(access) }];
    case "scanner":
      return scanner(access);
    case "other":
      return other(access);
  }
}

/** As they stand in its file. */
function muttFields(access: LocalAccess): Field[] {
  return muttSettings(access).map(({ name, value, ...rest }) => ({
    ...rest,
    id: name,
    label: { kind: "setting", name },
    value: value === undefined ? { kind: "local-password" } : { kind: "text", text: value },
  }));
}

/** The kind of value to correct after a failure; undefined where no value of the card is to blame. */
export function kindToCorrect(code: string): FieldKind | undefined {
  switch (code) {
    case "local-user-unknown":
      return "user-name";
    case "wrong-local-password":
      return "password";
    case "tls-on-plain-port":
      return "encryption";
    case "other-protocol":
      return "port";
    default:
      return undefined;
  }
}

/** The fields of a card to correct after a failure on a protocol's port; where that has none, the other's. */
export function fieldsToCorrect(card: Card, code: string, protocol: Protocol | undefined): readonly Field[] {
  const kind = kindToCorrect(code);
  const fields = card.groups
    .flatMap((group) => group.fields)
    .filter((one) => kind !== undefined && (one.kind === kind || one.alsoKind === kind));
  const own = fields.filter(({ protocols }) => protocol === undefined || protocols.includes(protocol));
  return own.length > 0 ? own : fields;
}
