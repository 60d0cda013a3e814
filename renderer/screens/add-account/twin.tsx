// An address that is here already: the way to its account, or a new beginning where the old one was wrong.
import { useState } from "react";
import { Button } from "react-aria-components";
import type { AccountView } from "../../../src/control/contract.ts";
import { Confirm } from "../../components/confirm.tsx";
import { useControl } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";
import { AccountLink } from "./account-link.tsx";

export function Twin({
  account: { email },
  accounts,
  onRemoved,
}: {
  readonly account: AccountView;
  readonly accounts: readonly AccountView[];
  readonly onRemoved: () => void;
}) {
  const { t } = useTexts();
  const control = useControl();
  const [isAsking, setAsking] = useState(false);
  return (
    <div className="note" role="status">
      <p>{t("add.exists", { email })}</p>
      <div className="buttons">
        <AccountLink accounts={accounts} email={email} />
        <Button className="button quiet" onPress={() => setAsking(true)}>
          {t("add.anew")}
        </Button>
      </div>
      <Confirm
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={t("more.remove-title", { email })}
        verb={t("add.anew")}
        onConfirm={async () => {
          await control.call("account.remove", { email });
          onRemoved();
        }}
      >
        <p>{t("add.anew-text")}</p>
      </Confirm>
    </div>
  );
}
