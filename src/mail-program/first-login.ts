// Whether a mail program has got in with its new local password, and if not, why. Pure: from what the control API tells.
// Invariant: what happened before the password was made counts for nothing.
import type { Activity, Connection, Failure } from "../control/contract.ts";
import type { Protocol } from "./program.ts";

export interface Watch {
  readonly email: string;
  readonly passwordName: string;
  /** When the password was made, by the daemon's clock. */
  readonly since: number;
  /** What has to log in. */
  readonly protocols: readonly Protocol[];
}

export interface Problem {
  readonly at: number;
  readonly failure: Failure;
  readonly protocol: Protocol | undefined;
  /** What was given as user name, where no account has it. */
  readonly userName: string | undefined;
}

export interface FirstLogins {
  readonly arrived: readonly Protocol[];
  /** The last, as long as what it kept out has not got in since. */
  readonly problem: Problem | undefined;
}

export interface Happenings {
  readonly activity: readonly Activity[];
  readonly connections: readonly Connection[];
}

export function firstLogins(happenings: Happenings, watch: Watch): FirstLogins {
  const arrived = watch.protocols.filter((protocol) => hasArrived(happenings, watch, protocol));
  const problem = happenings.activity
    .filter(({ at, protocol }) => at >= watch.since && !isSettled(protocol, watch, arrived))
    .filter((one) => concerns(one, happenings.connections, watch))
    .map(toProblem)
    .findLast((one) => one !== undefined);
  return { arrived, problem };
}

function hasArrived({ activity, connections }: Happenings, watch: Watch, protocol: Protocol): boolean {
  const isOurs = (one: Activity | Connection): boolean =>
    one.protocol === protocol && one.account === watch.email && one.passwordName === watch.passwordName;
  return (
    activity.some((one) => one.what === "logged-in" && one.at >= watch.since && isOurs(one)) ||
    connections.some(
      (one) => isOurs(one) && one.timeline.some(({ what, at }) => what === "logged-in" && at >= watch.since),
    )
  );
}

function isSettled(protocol: Protocol | undefined, watch: Watch, arrived: readonly Protocol[]): boolean {
  return protocol !== undefined && (arrived.includes(protocol) || !watch.protocols.includes(protocol));
}

/** Whether it may be the program that is waited for: before the login nobody knows for sure. */
function concerns(one: Activity, connections: readonly Connection[], watch: Watch): boolean {
  switch (one.what) {
    case "wrong-protocol":
      return true;
    case "login-refused":
      return one.account === undefined || one.account === watch.email;
    case "login-failed":
    case "mailbox-not-connected": {
      const connection = connections.find(({ id }) => id === one.connectionId);
      return one.account === watch.email && connection?.passwordName === watch.passwordName;
    }
    case "logged-in":
    case "session-ended":
    case "signed-in":
    case "sign-in-failed":
    case "signed-out":
    case "token-handed-out":
      return false;
  }
}

function toProblem({ at, failure, protocol, userName }: Activity): Problem | undefined {
  return failure === undefined ? undefined : { at, failure, protocol, userName };
}
