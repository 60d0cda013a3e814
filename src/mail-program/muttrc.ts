// mutt's settings for one account, as a file and one by one. Pure. mutt(1) and muttrc(5): in double quotes `\` escapes, and
// `$` and backquotes mean something.
import type { FieldKind } from "./field.ts";
import type { LocalAccess } from "./local-access.ts";
import type { Protocol } from "./program.ts";

export interface MuttSetting {
  readonly name: string;
  /** Undefined: the local password. */
  readonly value: string | undefined;
  readonly kind: FieldKind;
  readonly alsoKind?: FieldKind;
  readonly protocols: readonly Protocol[];
}

export function muttSettings({ email, userName, imap, smtp }: LocalAccess): readonly MuttSetting[] {
  const both: readonly Protocol[] = ["imap", "smtp"];
  const ofImap = (name: string, kind: FieldKind, value?: string): MuttSetting => ({
    name,
    value,
    kind,
    protocols: ["imap"],
  });
  const ofSmtp = (name: string, kind: FieldKind, value?: string): MuttSetting => ({
    name,
    value,
    kind,
    protocols: ["smtp"],
  });
  return [
    { name: "from", value: email, kind: "address", protocols: both },
    ...(imap === undefined
      ? []
      : [
          ofImap("imap_user", "user-name", userName),
          ofImap("imap_pass", "password"),
          ofImap("folder", "port", `imap://${authority(imap)}/`),
          ofImap("spoolfile", "option", "+INBOX"),
        ]),
    ...(smtp === undefined
      ? []
      : [
          {
            ...ofSmtp("smtp_url", "port", `smtp://${encodeURIComponent(userName)}@${authority(smtp)}/`),
            alsoKind: "user-name" as const,
          },
          ofSmtp("smtp_pass", "password"),
          ofSmtp("smtp_authenticators", "authentication", "plain"),
        ]),
    { name: "ssl_starttls", value: "no", kind: "encryption", protocols: both },
    { name: "ssl_force_tls", value: "no", kind: "encryption", protocols: both },
  ];
}

export function formatMuttrc(access: LocalAccess, password: string): string {
  return muttSettings(access)
    .map(({ name, value }) => `set ${name} = ${quoteForMutt(value ?? password)}\n`)
    .join("");
}

function quoteForMutt(value: string): string {
  return /^(?:yes|no)$/.test(value) ? value : `"${value.replace(/[\\"$`]/g, "\\$&")}"`;
}

function authority({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
