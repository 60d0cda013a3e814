// `postern account test`: two mail programs that are not ours sign in, at the provider directly and through our own
// listeners, so that a failure can be pinned to one leg of the way.
// Invariant: nothing is sent, nothing in the mailbox changes, and the password it uses here ends with the test.
import type { Account } from "../../account/account.ts";
import type { Clock } from "../../clock/clock.ts";
import { PosternError, toPosternError } from "../../errors/postern-error.ts";
import type { Route } from "../../network/route.ts";
import { exchangeFor, type UpstreamCredential } from "../../proxy/upstream-connection.ts";
import type { LocalPassword } from "../../secret/secret.ts";
import { signInByImapflow, signInByNodemailer } from "./mail-clients.ts";

/** The way from a mail program to the mailbox, leg by leg. */
export type Leg = "sign-in" | "imap-direct" | "imap-local" | "smtp-direct" | "smtp-local";

export interface LegResult {
  readonly leg: Leg;
  readonly milliseconds: number;
  /** Undefined where it worked. */
  readonly failure: PosternError | undefined;
}

export interface AccountTestParts {
  readonly account: Account;
  readonly clock: Clock;
  /** @throws PosternError `account-hosts-changed`: then no token is shown to anybody (threats.md G1) */
  checkHosts(): Promise<void>;
  credential(): Promise<UpstreamCredential>;
  /** The SASL user name at the provider. */
  user(protocol: "imap" | "smtp"): string;
  /** The way to the provider, the same that mail takes. */
  route(host: string, port: number): Promise<Route>;
  /** A local password that works until `revoke`. */
  lendPassword(): { readonly password: LocalPassword; revoke(): void };
  /** The port on 127.0.0.1, where one is open. */
  port(protocol: "imap" | "smtp"): number | undefined;
}

/** Tests every leg that can be tested; a leg that needs another one which failed is left out. */
export async function testAccount(parts: AccountTestParts): Promise<readonly LegResult[]> {
  const { account, clock } = parts;
  const results: LegResult[] = [];
  const walk = async (leg: Leg, work: () => Promise<void>): Promise<void> => {
    const started = clock.monotonic();
    const failure = await work().then(() => undefined, toPosternError);
    results.push({ leg, milliseconds: Math.round(clock.monotonic() - started), failure });
  };

  let obtained: UpstreamCredential | undefined;
  await walk("sign-in", async () => {
    await parts.checkHosts();
    obtained = await parts.credential();
  });
  const { password, revoke } = parts.lendPassword();
  try {
    const credential = obtained;
    if (credential !== undefined) {
      for (const [leg, protocol, signIn] of [
        ["imap-direct", "imap", signInByImapflow],
        ["smtp-direct", "smtp", signInByNodemailer],
      ] as const) {
        await walk(leg, async () => {
          const server = account[protocol];
          const user = parts.user(protocol);
          const exchange = exchangeFor(server, { account, user, credential });
          const route = await parts.route(server.host, server.port);
          await signIn({ ...server, user, credential, exchange, route, clock });
        });
      }
    }
    for (const [leg, protocol, signIn] of [
      ["imap-local", "imap", signInByImapflow],
      ["smtp-local", "smtp", signInByNodemailer],
    ] as const) {
      await walk(leg, async () => {
        const port = parts.port(protocol);
        if (port === undefined) throw new PosternError("listener-closed", { detail: protocol.toUpperCase() });
        await signIn({ host: "127.0.0.1", port, tls: "none", user: account.email, localPassword: password });
      });
    }
  } finally {
    revoke();
  }
  return results;
}

/** What the results come to, in one sentence. */
export function conclude(results: readonly LegResult[]): string {
  const failed = new Set(results.filter(({ failure }) => failure !== undefined).map(({ leg }) => leg));
  if (failed.size === 0) return "Everything works.";
  if (failed.has("sign-in")) return "Postern has no access at the provider, so nothing else can work.";
  const direct = (["imap-direct", "smtp-direct"] as const).filter((leg) => failed.has(leg));
  if (direct.length > 0) {
    return "The provider refuses another program too, without Postern in between: the cause is there, or in the account's settings.";
  }
  return "The provider accepts another program, so the cause is on this machine: Postern, its ports, or what stands before them.";
}
