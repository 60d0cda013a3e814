// The rest of an account: the check, signing in again and out, its names, removal, and everything technical.
import { useState } from "react";
import { Button, Checkbox, Link } from "react-aria-components";
import type { AccountView, Response } from "../../../src/control/contract.ts";
import { Confirm } from "../../components/confirm.tsx";
import { Details } from "../../components/details.tsx";
import { FailureNote } from "../../components/failure-note.tsx";
import { formatRoute } from "../../routes.ts";
import { useControl, useSnapshot } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";
import { goTo } from "../../use-route.ts";
import { accountDetails } from "./account-details.ts";
import { type AccountTest, Check } from "./check.tsx";
import { Names } from "./names.tsx";

export function MoreTab({ account, test }: { readonly account: AccountView; readonly test: AccountTest }) {
  const texts = useTexts();
  const { t } = texts;
  const { email } = account;
  return (
    <>
      <Check test={test} email={email} />
      <section className="setting">
        <div className="setting-text">
          <h2>{t("more.sign-in")}</h2>
          <p className="soft">{t("more.sign-in-text")}</p>
        </div>
        <div className="setting-action">
          <Link className="button" href={formatRoute({ kind: "sign-in", email })}>
            {t("more.sign-in")}
          </Link>
        </div>
      </section>
      <SignOut account={account} />
      <Names key={account.id} account={account} />
      <Remove email={email} />
      <Details level={2} details={accountDetails(account, texts)} />
    </>
  );
}

function SignOut({ account }: { readonly account: AccountView }) {
  const { t } = useTexts();
  const control = useControl();
  const { email } = account;
  const [isAsking, setAsking] = useState(false);
  const [revoke, setRevoke] = useState(true);
  const [done, setDone] = useState<Response<"account.sign-out">>();
  return (
    <section className="setting">
      <div className="setting-text">
        <h2>{t("more.sign-out")}</h2>
        <p className="soft">{t("more.sign-out-text")}</p>
      </div>
      <div className="setting-action">
        <Button
          className="button"
          isDisabled={account.status.kind === "signed-out"}
          onPress={() => setAsking(true)}
        >
          {t("more.sign-out")}
        </Button>
      </div>
      <div className="setting-below" role="status">
        {done === undefined ? null : <p>{t(`more.revocation.${done.revocation}`)}</p>}
        {done?.failure === undefined ? null : <FailureNote failure={done.failure} email={email} />}
      </div>
      <Confirm
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={t("more.sign-out-title", { email })}
        verb={t("more.sign-out")}
        onConfirm={async () => {
          setDone(
            await control.call("account.sign-out", { email, revoke: account.kind === "oauth" && revoke }),
          );
        }}
      >
        <p>{t("more.sign-out-text")}</p>
        {account.kind === "oauth" ? (
          <Checkbox className="checkbox" isSelected={revoke} onChange={setRevoke}>
            <span className="box" aria-hidden="true" />
            {t("more.sign-out-revoke")}
          </Checkbox>
        ) : null}
      </Confirm>
    </section>
  );
}

function Remove({ email }: { readonly email: string }) {
  const { t } = useTexts();
  const control = useControl();
  const [isAsking, setAsking] = useState(false);
  const { accounts } = useSnapshot();
  const remove = async (): Promise<void> => {
    await control.call("account.remove", { email });
    const other = accounts.find((one) => one.email !== email);
    goTo(other === undefined ? { kind: "home" } : { kind: "account", email: other.email, tab: "programs" });
  };
  return (
    <section className="setting">
      <div className="setting-text">
        <h2>{t("more.remove")}</h2>
        <p className="soft">{t("more.remove-text")}</p>
      </div>
      <div className="setting-action">
        <Button className="button danger" onPress={() => setAsking(true)}>
          {t("more.remove")}
        </Button>
      </div>
      <Confirm
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={t("more.remove-title", { email })}
        verb={t("more.remove")}
        onConfirm={remove}
      >
        <p>{t("more.remove-confirm")}</p>
      </Confirm>
    </section>
  );
}
