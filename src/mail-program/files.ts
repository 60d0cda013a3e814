// The files that a mail program takes in place of values typed by hand. Pure. Invariant: each holds the local password, so that
// nothing but the person's own computer may keep one.
import type { LocalAccess } from "./local-access.ts";
import { formatMbsyncrc, mbsyncFolder } from "./mbsyncrc.ts";
import { formatMobileconfig } from "./mobileconfig.ts";
import { formatMsmtprc } from "./msmtprc.ts";
import { formatMuttrc } from "./muttrc.ts";
import type { Setup } from "./program.ts";

/** Each has its hint in src/messages, under `connect.file.`. */
export type FileKind = "mobileconfig" | "muttrc" | "msmtprc" | "mbsyncrc";

export interface ProgramFile {
  readonly kind: FileKind;
  /** As it is saved. */
  readonly name: string;
  readonly mediaType: string;
  readonly text: string;
  /** What a person runs after saving it, in a terminal in the same folder; undefined where a double click is enough. */
  readonly command: string | undefined;
}

export function filesOf(setup: Setup, access: LocalAccess, password: string): readonly ProgramFile[] {
  switch (setup) {
    case "apple-mail": {
      const text = formatMobileconfig(access, password);
      const mediaType = "application/x-apple-aspen-config";
      if (text === undefined) return [];
      return [{ kind: "mobileconfig", name: "postern.mobileconfig", mediaType, text, command: undefined }];
    }
    case "mutt":
      return [
        plainFile("muttrc", formatMuttrc(access, password)),
        plainFile("msmtprc", formatMsmtprc(access, password)),
        plainFile("mbsyncrc", formatMbsyncrc(access, password), `mkdir -p ${mbsyncFolder(access)}`),
      ].filter((file) => file !== undefined);
    case "thunderbird":
    case "outlook-classic":
    case "outlook-2010":
    case "outlook-new":
    case "scanner":
    case "other":
      return [];
  }
}

/** @param more what else the program wants before it runs */
function plainFile(
  kind: Exclude<FileKind, "mobileconfig">,
  text: string | undefined,
  more?: string,
): ProgramFile | undefined {
  if (text === undefined) return undefined;
  // Added to what is there; the umask makes a new one readable for its owner only.
  const add = `(umask 077; cat ${kind} >> ~/.${kind}) && chmod 600 ~/.${kind} && rm ${kind}`;
  const command = more === undefined ? add : `${add} && ${more}`;
  // "text/plain" would make some browsers add `.txt` to the name.
  return { kind, name: kind, mediaType: "application/octet-stream", text, command };
}
