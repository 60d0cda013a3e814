// The launchd agent of one person: starts Postern when they log in, and again when it has failed.
// Invariant: what is put in is XML text, whatever is in a path.
import type { StartCommand } from "./start-command.ts";

export const AGENT_LABEL = "org.postern.Postern";

/** @param log where standard error goes: launchd keeps none itself */
export function formatLaunchAgent({ program, words, environment }: StartCommand, log: string): string {
  const variables = Object.entries(environment).map(([name, value]) => `    ${pair(name, value)}`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- Written by: postern service install -->
<plist version="1.0">
<dict>
  ${pair("Label", AGENT_LABEL)}
  <key>ProgramArguments</key>
  <array>
${[program, ...words, "--log-level", "warn"].map((word) => `    ${string(word)}`).join("\n")}
  </array>
  <key>EnvironmentVariables</key>
  <dict>
${variables.join("\n")}
  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>30</integer>
  <key>ProcessType</key>
  <string>Background</string>
  ${pair("StandardErrorPath", log)}
</dict>
</plist>
`;
}

const pair = (key: string, value: string): string => `<key>${escapeXml(key)}</key>${string(value)}`;
const string = (text: string): string => `<string>${escapeXml(text)}</string>`;

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
