// The settings by the names that the command line uses.
import { resolve } from "node:path";
import type { Request, SettingsView } from "../control/contract.ts";
import { wrongUsage } from "./output.ts";
import { parsePort } from "./port.ts";

export type SettingsChange = Request<"settings.change">;

export const SETTINGS_HELP = `
  imap-port       where mail programs read mail (2143)
  smtp-port       where mail programs send mail (2587)
  failure-style   gentle: as Thunderbird bears it; strict: by the book, for programs that retry on 454
  authority-file  certificates (PEM) to trust besides the usual ones; "none" removes it`;

/** @throws PosternError `request-invalid` */
export function parseSetting(name: string, value: string): SettingsChange {
  switch (name) {
    case "imap-port":
      return { imapPort: requirePort(value) };
    case "smtp-port":
      return { smtpPort: requirePort(value) };
    case "failure-style":
      if (value === "gentle" || value === "strict") return { failureStyle: value };
      throw wrongUsage("failure-style is gentle or strict");
    case "authority-file":
      return { authorityFile: value === "none" ? null : resolve(value) };
    default:
      throw wrongUsage(`there is no setting ${name}`);
  }
}

function requirePort(text: string): number {
  const port = parsePort(text);
  if (port === undefined) throw wrongUsage("a port is a number up to 65535");
  return port;
}

export function describeSettingsView(settings: SettingsView): string {
  return [
    `imap-port       ${settings.imapPort}`,
    `smtp-port       ${settings.smtpPort}`,
    `failure-style   ${settings.failureStyle}`,
    `authority-file  ${settings.authorityFile ?? "none"}`,
  ].join("\n");
}
