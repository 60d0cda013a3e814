// How an account is, in one sentence; what that means; and the one button that resolves it.
import { useState } from "react";
import { Button, Link } from "react-aria-components";
import type { AccountView } from "../../../src/control/contract.ts";
import { isFailureCode } from "../../../src/messages/failures.ts";
import { Details } from "../../components/details.tsx";
import { withEmail } from "../../components/failure-note.tsx";
import { StateShape } from "../../components/state-shape.tsx";
import { useSnapshot } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";
import { useNow } from "../../use-now.ts";
import { headlineOf } from "./headline.ts";
import { RemedyButton } from "./remedy-button.tsx";
import { TrustDialog } from "./trust-dialog.tsx";

interface Props {
  readonly account: AccountView;
  readonly onCheck: () => void;
}

export function StatusCard({ account, onCheck }: Props) {
  const isWorking = account.status.kind === "working";
  return (
    <section className={`status status-${account.status.kind}`}>
      {isWorking ? <Working account={account} /> : <NotWorking account={account} onCheck={onCheck} />}
      {account.notices.map((notice) => (
        <p key={notice} className="status-notice">
          {notice}
        </p>
      ))}
    </section>
  );
}

function Working({ account }: { readonly account: AccountView }) {
  const { connections } = useSnapshot();
  const { t, relative, exact } = useTexts();
  const now = useNow();
  const headline = headlineOf(account, connections);
  const at = headline.kind === "used" ? headline.at : undefined;
  return (
    <p className="status-sentence" title={at === undefined ? undefined : exact(at)}>
      <StateShape state="working" isQuiet />
      <span>{sentence()}</span>
    </p>
  );

  function sentence(): string {
    if (headline.kind === "unused") return t("account.working-unused");
    const { program } = headline;
    if (headline.kind === "live") return t("account.working-live", { program });
    const when = relative(headline.at, now);
    if (headline.how === "imap") return t("account.working-used", { program, when });
    if (headline.how === "smtp") return t("account.working-sent", { program, when });
    return t("account.working-seen", { program, when });
  }
}

function NotWorking({ account, onCheck }: Props) {
  const { email, status, hostsChanged } = account;
  const { t, failure, relative } = useTexts();
  const now = useNow(status.retryAt === undefined ? 60_000 : 1000);
  const [isComparing, setComparing] = useState(false);
  const { say, do: todo } = failure({ ...status, code: status.code ?? "" });
  return (
    <>
      <p className="status-sentence">
        <StateShape state={status.kind} isQuiet />
        <span>
          <strong>{t(`state.${status.kind}`)}.</strong> {say}
        </span>
      </p>
      <p className="status-todo">{todo}</p>
      {status.retryAt === undefined ? null : (
        <p className="soft">{t("account.retry", { when: relative(status.retryAt, now) })}</p>
      )}
      <div className="status-remedy">
        {status.code !== undefined && isFailureCode(status.code) ? (
          <RemedyButton
            code={status.code}
            account={account}
            onCheck={onCheck}
            onCompare={() => setComparing(true)}
          />
        ) : (
          <Button className="button primary" onPress={onCheck}>
            {t("remedy.check")}
          </Button>
        )}
        {status.kind === "working" || status.code === "signed-out" ? null : (
          <Link className="link" href={`#/account/${encodeURIComponent(email)}/activity`}>
            {t("account.see-activity")}
          </Link>
        )}
      </div>
      <Details
        level={2}
        details={[
          { name: t("details.code"), value: status.code },
          { name: t("details.what"), value: status.sentence },
          { name: t("details.action"), value: withEmail(status.action, email) },
          { name: t("details.detail"), value: status.detail },
          { name: t("details.letter"), value: status.letter },
        ]}
      />
      {hostsChanged === undefined ? null : (
        <TrustDialog
          email={email}
          hosts={hostsChanged}
          isOpen={isComparing}
          onClose={() => setComparing(false)}
        />
      )}
    </>
  );
}
