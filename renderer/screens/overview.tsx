// Everything at a glance: the accounts with what to do, then what mail programs connect to.
import { AccountCard } from "../components/account-card.tsx";
import { Line } from "../components/line.tsx";
import type { Control } from "../control.ts";
import { useStatus } from "../use-status.ts";

export function Overview({ control }: { readonly control: Control }) {
  const known = useStatus(control);
  if (known.kind === "waiting") return <main aria-busy="true" />;
  if (known.kind === "away") {
    return (
      <main>
        <h1>Postern is not running</h1>
        <p role="status">
          Your mail waits at your provider. This page goes on by itself as soon as Postern is back.
        </p>
      </main>
    );
  }
  const { accounts, keychain, listeners, notices } = known.snapshot;
  return (
    <main>
      <h1>Postern</h1>
      <section aria-labelledby="accounts">
        <h2 id="accounts">Accounts</h2>
        {accounts.length === 0 ? (
          <p>
            Your mailboxes will stand here. Add the first one in a terminal:{" "}
            <code>postern account add --help</code>
          </p>
        ) : (
          accounts.map((account) => <AccountCard key={account.id} account={account} />)
        )}
      </section>
      <section aria-labelledby="machine">
        <h2 id="machine">On this machine</h2>
        <ul>
          {notices.map((notice) => (
            <Line key={notice} state="needs-you" text={notice} />
          ))}
          <Line
            state={keychain.ready ? "working" : "needs-you"}
            text={
              keychain.ready ? "Sign-ins are kept safely." : `${keychain.sentence} ${keychain.action ?? ""}`
            }
          />
          {listeners.map(({ protocol, address, port, state }) => (
            <Line
              key={`${protocol} ${address}`}
              state={state === "listening" ? "working" : state === "absent" ? "offline" : "blocked"}
              text={
                state === "listening"
                  ? `Mail programs reach ${protocol.toUpperCase()} at ${address} port ${port}.`
                  : `${protocol.toUpperCase()} at ${address}: ${state === "taken" ? `port ${port} is taken by another program` : state}.`
              }
            />
          ))}
        </ul>
      </section>
    </main>
  );
}
