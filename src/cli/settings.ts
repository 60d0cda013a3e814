// The settings by the names that the command line uses.
// Invariant: a password is read from a file, never from an argument, and no message repeats one.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { PolicyView, Request, SettingsView } from "../control/contract.ts";
import { systemCode } from "../errors/postern-error.ts";
import { wrongUsage } from "./output.ts";
import { parsePort } from "./port.ts";

type SettingName = keyof SettingsView;
export type SettingsChange = Request<"settings.change">;

export const SETTINGS_HELP = `
  imap-port           where mail programs read mail (2143)
  smtp-port           where mail programs send mail (2587)
  failure-style       gentle: as Thunderbird bears it; strict: by the book, for programs that retry on 454
  authority-file      certificates (PEM) to trust besides the usual ones; "none" removes it
  system-authorities  on: trust the operating system's certificate authorities too (on)
  sign-in-proxy       the way to sign-in servers: http://, https:// or socks5://[USER@]HOST:PORT; "environment": HTTPS_PROXY,
                      ALL_PROXY and NO_PROXY as Postern was started with (environment); "none"
  mail-proxy          the way to mail servers, likewise (none)
  notifications       on: the tray app tells you of what needs you (on)
  language            of the window and the tray: system, en, ja (system)
  proxy-password      a FILE whose first line is the proxy user's password, kept in the keychain; "none" forgets it`;

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
    case "system-authorities":
      return { systemAuthorities: requireSwitch(name, value) };
    case "sign-in-proxy":
      return { signInProxy: requireProxy(name, value) };
    case "mail-proxy":
      return { mailProxy: requireProxy(name, value) };
    case "notifications":
      return { notifications: requireSwitch(name, value) };
    case "language":
      if (value === "system" || value === "en" || value === "ja") return { language: value };
      throw wrongUsage("language is system, en or ja");
    case "proxy-password":
      return { proxyPassword: value === "none" ? null : readPassword(value) };
    default:
      throw wrongUsage(`there is no setting ${name}`);
  }
}

function requireSwitch(name: string, value: string): boolean {
  if (value === "on" || value === "off") return value === "on";
  throw wrongUsage(`${name} is on or off`);
}

function requirePort(text: string): number {
  const port = parsePort(text);
  if (port === undefined) throw wrongUsage("a port is a number up to 65535");
  return port;
}

const PROXY = /^(?:http|https|socks5):\/\/(?:[^\s:@/]+@)?(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):(\d{1,5})\/?$/;

/** As the contract has it; checked here too, so that a password in an address goes no further. */
function requireProxy(name: string, value: string): string {
  if (value === "none" || value === "environment") return value;
  if (/:.*@/.test(value.replace(/^\w+:\/\//, ""))) {
    throw wrongUsage(
      `${name} takes no password in the address: put it into a file, then use "postern settings set proxy-password FILE", and leave :PASSWORD out here`,
    );
  }
  // The host name goes to the proxy either way.
  const address = value.replace(/^socks5h:/, "socks5:");
  const port = PROXY.exec(address)?.[1];
  if (port === undefined || parsePort(port) === undefined || Number(port) === 0) {
    throw wrongUsage(
      `${name} is none, environment, or an address like http://proxy.example.com:3128 or socks5://USER@proxy.example.com:1080`,
    );
  }
  return address;
}

/** The argument is not repeated in a failure: somebody may have typed the password itself. */
function readPassword(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (thrown) {
    throw wrongUsage(
      `proxy-password takes the name of a file with the password in it, and that cannot be read: ${systemCode(thrown)}`,
    );
  }
  const [password = ""] = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  if (password === "") throw wrongUsage("the file's first line is empty, and should be the password");
  if (password.length > 1024) throw wrongUsage("the file's first line is too long for a password");
  return password;
}

/** @param policy where an administrator decides some of them */
export function describeSettingsView(settings: SettingsView, policy?: PolicyView): string {
  const rows: readonly (readonly [SettingName, string, string | number])[] = [
    ["imapPort", "imap-port", settings.imapPort],
    ["smtpPort", "smtp-port", settings.smtpPort],
    ["failureStyle", "failure-style", settings.failureStyle],
    ["authorityFile", "authority-file", settings.authorityFile ?? "none"],
    ["systemAuthorities", "system-authorities", settings.systemAuthorities ? "on" : "off"],
    ["signInProxy", "sign-in-proxy", settings.signInProxy],
    ["mailProxy", "mail-proxy", settings.mailProxy],
    ["notifications", "notifications", settings.notifications ? "on" : "off"],
    ["language", "language", settings.language],
  ];
  const mark = (name: SettingName): string =>
    policy?.locked.includes(name) ? `  (set by ${organisationOf(policy)})` : "";
  return rows.map(([name, word, value]) => `${word.padEnd(20)}${value}${mark(name)}`).join("\n");
}

export function organisationOf({ organisation }: PolicyView): string {
  return organisation ?? "your organisation";
}
