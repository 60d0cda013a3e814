// What each mail program asks for, page by page. Pure. Postern's ports take plain connections, on this machine only.
import { choice, type Field, field, localPassword, serverOf, text } from "./field.ts";
import type { LocalAccess } from "./local-access.ts";
import type { Protocol } from "./program.ts";

/** Each has its words in src/messages, under `connect.group.`. */
export type GroupName =
  | "thunderbird.start"
  | "thunderbird.incoming"
  | "thunderbird.outgoing"
  | "thunderbird.password"
  | "outlook.start"
  | "outlook.incoming"
  | "outlook.outgoing"
  | "outlook.password"
  | "outlook-2010.start"
  | "outlook-2010.login"
  | "outlook-2010.advanced"
  | "apple.start"
  | "apple.servers"
  | "apple.incoming"
  | "apple.outgoing"
  | "mutt.file"
  | "scanner"
  | "other.incoming"
  | "other.outgoing";

export interface Group {
  readonly name: GroupName;
  readonly fields: readonly Field[];
}

export function thunderbird(access: LocalAccess): Group[] {
  const { email, userName } = access;
  const side = (protocol: Protocol): Field[] => {
    const server = serverOf(access, protocol);
    if (server === undefined) return [];
    const only = [protocol];
    return [
      ...(protocol === "imap" ? [field("thunderbird.protocol", "protocol", choice("imap"), only)] : []),
      field("thunderbird.host", "host", text(server.host), only),
      field("thunderbird.port", "port", text(server.port), only),
      field("thunderbird.encryption", "encryption", choice("none"), only),
      field("thunderbird.authentication", "authentication", choice("thunderbird.password"), only),
      field("thunderbird.user", "user-name", text(userName), only),
    ];
  };
  return [
    {
      name: "thunderbird.start",
      fields: [
        field("thunderbird.name", "person", { kind: "own-name" }),
        field("thunderbird.address", "address", text(email)),
      ],
    },
    { name: "thunderbird.incoming", fields: side("imap") },
    { name: "thunderbird.outgoing", fields: side("smtp") },
    {
      name: "thunderbird.password",
      fields: [field("thunderbird.password", "password", localPassword)],
    },
  ];
}

/** Outlook 2016 and later, in its short form. It takes the address as the user name. */
export function outlook(access: LocalAccess): Group[] {
  const side = (protocol: Protocol): Field[] => {
    const server = serverOf(access, protocol);
    if (server === undefined) return [];
    const only = [protocol];
    return [
      field("outlook.server", "host", text(server.host), only),
      field("outlook.port", "port", text(server.port), only),
      field("outlook.encryption", "encryption", choice("none"), only),
      field("outlook.spa", "authentication", choice("off"), only),
    ];
  };
  return [
    // The address is the user name too.
    { name: "outlook.start", fields: [field("outlook.address", "user-name", text(access.email))] },
    { name: "outlook.incoming", fields: side("imap") },
    { name: "outlook.outgoing", fields: side("smtp") },
    { name: "outlook.password", fields: [field("outlook.password", "password", localPassword)] },
  ];
}

export function outlook2010(access: LocalAccess): Group[] {
  const { email, userName, imap, smtp } = access;
  return [
    {
      name: "outlook-2010.start",
      fields: [
        field("outlook-2010.name", "person", { kind: "own-name" }),
        field("outlook-2010.address", "address", text(email)),
        field("outlook-2010.type", "protocol", choice("imap"), ["imap"]),
        ...(imap === undefined ? [] : [field("outlook-2010.incoming", "host", text(imap.host), ["imap"])]),
        ...(smtp === undefined ? [] : [field("outlook-2010.outgoing", "host", text(smtp.host), ["smtp"])]),
        field("outlook-2010.user", "user-name", text(userName)),
        field("outlook-2010.password", "password", localPassword),
      ],
    },
    {
      name: "outlook-2010.login",
      fields: [
        field("outlook-2010.requires-login", "option", choice("on"), ["smtp"]),
        field("outlook-2010.same-login", "option", choice("on"), ["smtp"]),
      ],
    },
    {
      name: "outlook-2010.advanced",
      fields: [
        ...(imap === undefined
          ? []
          : [
              field("outlook-2010.imap-port", "port", text(imap.port), ["imap"]),
              field("outlook-2010.encryption", "encryption", choice("none"), ["imap"]),
            ]),
        ...(smtp === undefined
          ? []
          : [
              field("outlook-2010.smtp-port", "port", text(smtp.port), ["smtp"]),
              field("outlook-2010.encryption", "encryption", choice("none"), ["smtp"]),
            ]),
      ],
    },
  ];
}

/** By hand, where the profile is not wanted. */
export function apple(access: LocalAccess): Group[] {
  const { email, userName, imap, smtp } = access;
  const side = (protocol: Protocol): Field[] => {
    const server = serverOf(access, protocol);
    if (server === undefined) return [];
    const only = [protocol];
    return [
      field("apple.automatic", "option", choice("off"), only),
      field("apple.port", "port", text(server.port), only),
      field("apple.tls", "encryption", choice("off"), only),
      field("apple.authentication", "authentication", choice("apple.password"), only),
      field("apple.insecure", "option", choice("on"), only),
    ];
  };
  return [
    {
      name: "apple.start",
      fields: [
        field("apple.name", "person", { kind: "own-name" }),
        field("apple.address", "address", text(email)),
        field("apple.password", "password", localPassword),
      ],
    },
    {
      name: "apple.servers",
      fields: [
        field("apple.user", "user-name", text(userName)),
        field("apple.type", "protocol", choice("imap"), ["imap"]),
        ...(imap === undefined ? [] : [field("apple.incoming", "host", text(imap.host), ["imap"])]),
        ...(smtp === undefined ? [] : [field("apple.outgoing", "host", text(smtp.host), ["smtp"])]),
      ],
    },
    { name: "apple.incoming", fields: side("imap") },
    { name: "apple.outgoing", fields: side("smtp") },
  ];
}

export function scanner({ email, userName, smtp }: LocalAccess): Group[] {
  if (smtp === undefined) return [];
  const only: readonly Protocol[] = ["smtp"];
  return [
    {
      name: "scanner",
      fields: [
        field("scanner.server", "host", text(smtp.host), only),
        field("scanner.port", "port", text(smtp.port), only),
        field("scanner.encryption", "encryption", choice("none"), only),
        field("scanner.authentication", "authentication", choice("scanner.password"), only),
        field("scanner.user", "user-name", text(userName), only),
        field("scanner.password", "password", localPassword, only),
        field("scanner.sender", "address", text(email), only),
      ],
    },
  ];
}

export function other(access: LocalAccess): Group[] {
  const side = (protocol: Protocol): Field[] => {
    const server = serverOf(access, protocol);
    if (server === undefined) return [];
    const only = [protocol];
    return [
      field(protocol === "imap" ? "other.imap-server" : "other.smtp-server", "host", text(server.host), only),
      field("other.port", "port", text(server.port), only),
      field("other.encryption", "encryption", choice("none"), only),
      field("other.authentication", "authentication", choice("other.password"), only),
      field("other.user", "user-name", text(access.userName), only),
      field("other.password", "password", localPassword, only),
    ];
  };
  return [
    { name: "other.incoming", fields: side("imap") },
    { name: "other.outgoing", fields: side("smtp") },
  ];
}
