// A configuration profile for Apple Mail: a property list (Apple's payload com.apple.mail.managed). Pure.
// Invariant: everything that is not ours is escaped; the same account gives the same identifiers, so that a new profile takes
// the place of the old one.
import type { LocalAccess } from "./local-access.ts";
import { stableUuid } from "./stable-uuid.ts";

type Value = string | number | boolean | readonly Dictionary[];
interface Dictionary {
  readonly [key: string]: Value;
}

/** @param displayName what the profile and the account are called */
export function formatMobileconfig(
  { email, userName, imap, smtp }: LocalAccess,
  password: string,
  displayName = `${email} (Postern)`,
): string | undefined {
  if (imap === undefined || smtp === undefined) return undefined;
  const account = stableUuid(`account ${email}`);
  const profile = stableUuid(`profile ${email}`);
  return formatPropertyList({
    PayloadType: "Configuration",
    PayloadVersion: 1,
    PayloadIdentifier: `postern.${profile}`,
    PayloadUUID: profile,
    PayloadDisplayName: displayName,
    PayloadRemovalDisallowed: false,
    PayloadContent: [
      {
        PayloadType: "com.apple.mail.managed",
        PayloadVersion: 1,
        PayloadIdentifier: `postern.${profile}.mail`,
        PayloadUUID: account,
        PayloadDisplayName: displayName,
        EmailAccountDescription: displayName,
        EmailAccountType: "EmailTypeIMAP",
        EmailAddress: email,
        IncomingMailServerAuthentication: "EmailAuthPassword",
        IncomingMailServerHostName: imap.host,
        IncomingMailServerPortNumber: imap.port,
        IncomingMailServerUseSSL: false,
        IncomingMailServerUsername: userName,
        IncomingPassword: password,
        OutgoingMailServerAuthentication: "EmailAuthPassword",
        OutgoingMailServerHostName: smtp.host,
        OutgoingMailServerPortNumber: smtp.port,
        OutgoingMailServerUseSSL: false,
        OutgoingMailServerUsername: userName,
        OutgoingPasswordSameAsIncomingPassword: true,
      },
    ],
  });
}

function formatPropertyList(dictionary: Dictionary): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
${formatDictionary(dictionary, "")}
</plist>
`;
}

function formatDictionary(dictionary: Dictionary, indent: string): string {
  const inner = `${indent}  `;
  const lines = Object.entries(dictionary).map(
    ([key, value]) => `${inner}<key>${escapeXml(key)}</key>\n${inner}${formatValue(value, inner)}`,
  );
  return [`<dict>`, ...lines, `${indent}</dict>`].join("\n");
}

function formatValue(value: Value, indent: string): string {
  if (typeof value === "string") return `<string>${escapeXml(value)}</string>`;
  if (typeof value === "number") return `<integer>${value}</integer>`;
  if (typeof value === "boolean") return value ? "<true/>" : "<false/>";
  const inner = `${indent}  `;
  const items = value.map((item) => `${inner}${formatDictionary(item, inner)}`);
  return ["<array>", ...items, `${indent}</array>`].join("\n");
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** What XML 1.0 has no place for becomes U+FFFD. */
function escapeXml(value: string): string {
  return value
    .toWellFormed()
    .replace(/[\p{Cc}\u{fffe}\u{ffff}]/gu, "\u{fffd}")
    .replace(/[&<>"]/g, (one) => ENTITIES[one] ?? one);
}
