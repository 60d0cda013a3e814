// One account: how it is, what that means, and the technical details for those who want them.
import type { AccountView } from "../../src/control/contract.ts";
import { Shape } from "./line.tsx";

export function AccountCard({ account }: { readonly account: AccountView }) {
  const { email, status, imap, smtp } = account;
  return (
    <article>
      <h3>
        <Shape state={status.kind} /> {email}
      </h3>
      <p>{status.sentence}</p>
      {status.action === undefined ? null : <p>{status.action.replaceAll("EMAIL", email)}</p>}
      <details>
        <summary>Technical details</summary>
        <dl>
          <Detail name="Reading" value={`${imap.host}:${imap.port} (${imap.tls})`} />
          <Detail name="Sending" value={`${smtp.host}:${smtp.port} (${smtp.tls})`} />
          {account.kind === "oauth" ? (
            <>
              <Detail name="Issuer" value={account.issuer} />
              <Detail name="Client id" value={account.clientId} />
            </>
          ) : (
            <Detail name="Opened with" value="the mailbox's password" />
          )}
          <Detail name="Open connections" value={String(account.sessions)} />
          {status.detail === undefined ? null : <Detail name="What happened" value={status.detail} />}
        </dl>
      </details>
    </article>
  );
}

function Detail({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
