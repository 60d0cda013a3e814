// Everything that helps somebody else to see what is wrong, as a text to copy.
// Invariant: no whole address, no user name, no name of a password or of a folder that a person has chosen, no token, no
// password, no proxy's user.
import type { AccountView, Activity, Connection, Snapshot } from "../../control/contract.ts";

export interface Surroundings {
  /** Of the machine: "Linux 6.8.0 x64, Node 24.0.0". */
  readonly system: string;
  /** The person's own folder: its name may be theirs. */
  readonly homeFolder: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export function formatDiagnostics(snapshot: Snapshot, { system, homeFolder, now }: Surroundings): string {
  const { keychain, settings, listeners, accounts, connections, activity, notices } = snapshot;
  return withoutAddresses(
    [
      `Postern ${snapshot.version} on ${system}`,
      `${time(now)}; running since ${time(snapshot.startedAt)}${snapshot.paused ? ", paused" : ""}`,
      `Keychain: ${keychain.kind}, ${keychain.ready ? "ready" : `${keychain.code ?? "not ready"} ${keychain.detail ?? ""}`}`,
      "",
      "Settings",
      ...Object.entries(settings).map(([name, value]) => `  ${name}: ${withoutUser(String(value))}`),
      ...(snapshot.policy === undefined
        ? []
        : [`  policy: locks ${snapshot.policy.locked.join(", ") || "nothing"}`]),
      "",
      "Listeners",
      ...listeners.map(
        (one) => `  ${one.protocol} ${one.address} ${one.port ?? ""} ${one.state} ${one.reason ?? ""}`,
      ),
      ...section(
        "Notices",
        notices.map((notice) => `  ${notice}`),
      ),
      ...section("Accounts", accounts.flatMap(describeAccount)),
      ...section("Connections", connections.flatMap(describeConnection)),
      ...section("Activity", activity.map(describeActivity)),
    ]
      .map((line) => (homeFolder.length > 1 ? line.replaceAll(homeFolder, "~") : line).trimEnd())
      .join("\n"),
  );
}

function section(title: string, lines: readonly string[]): string[] {
  return ["", title, ...(lines.length === 0 ? ["  none"] : lines)];
}

function describeAccount({ email, status, imap, smtp, ...account }: AccountView): string[] {
  return [
    `  ${email} (${account.kind}, ${account.provider ?? "no preset"}): ${status.kind} ${status.code ?? ""} ${status.detail ?? ""}`,
    `    imap ${imap.host}:${imap.port} ${imap.tls}, smtp ${smtp.host}:${smtp.port} ${smtp.tls}`,
    `    ${account.passwords.length} local passwords, ${account.sessions} connections`,
  ];
}

function describeConnection(one: Connection): string[] {
  const until = one.endedAt === undefined ? one.state : `ended ${time(one.endedAt)}`;
  return [
    `  ${one.id} ${one.protocol} ${one.account ?? "nobody"} ${one.program ?? ""} since ${time(one.since)}, ${until}, ${one.octetsToMua} octets to it, ${one.octetsFromMua} from it`,
    ...one.timeline.map(({ at, what, failure }) => `    ${time(at)} ${what}${describeFailure(failure)}`),
  ];
}

function describeActivity({ at, what, account, protocol, connectionId, failure }: Activity): string {
  return `  ${[time(at), what, protocol, connectionId, account].filter((word) => word !== undefined).join(" ")}${describeFailure(failure)}`;
}

function describeFailure(failure: Activity["failure"]): string {
  if (failure === undefined) return "";
  return `: ${failure.code}${failure.detail === undefined ? "" : ` (${failure.detail})`}`;
}

function time(at: number): string {
  return new Date(at).toISOString();
}

/** alice@example.org becomes a…@example.org, wherever it stands; rather too much is taken than too little. */
function withoutAddresses(text: string): string {
  return text.replace(/([^\s@])[^\s@]*@(?=\S)/gu, "$1…@");
}

/** A proxy's address, without the user in it. */
function withoutUser(value: string): string {
  return value.replace(/:\/\/[^/]*@/, "://");
}
