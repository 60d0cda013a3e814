// The systemd unit of one person: starts Postern with their session, or at boot where they may linger.
// Invariant: no path can become another word, a specifier (%) or a variable ($) of systemd's.
import type { StartCommand } from "./start-command.ts";

export const UNIT_NAME = "postern.service";

export function formatSystemdUnit({ program, words, environment }: StartCommand): string {
  const start = [quote(program), ...words.map((word) => quote(word).replaceAll("$", "$$$$"))].join(" ");
  const variables = Object.entries(environment).map(
    ([name, value]) => `Environment=${quote(`${name}=${value}`)}`,
  );
  return `# Written by: postern service install
[Unit]
Description=Postern, IMAP and SMTP on localhost for mail programs that cannot speak OAuth

[Service]
Type=exec
ExecStart=${[start, ...variables].join("\n")}
Restart=on-failure
RestartSec=5
# Wrong usage, one runs already, and configuration: another try would end the same.
RestartPreventExitStatus=2 3 78
# Sessions in the middle of something get ten seconds.
TimeoutStopSec=20
NoNewPrivileges=yes
UMask=0077

[Install]
WantedBy=default.target
`;
}

/** systemd.syntax(7) and systemd.unit(5): C escapes inside quotes, and %% for a percent sign. */
function quote(word: string): string {
  const escaped = word
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("%", "%%")
    .replaceAll("\n", "\\n");
  return `"${escaped}"`;
}
