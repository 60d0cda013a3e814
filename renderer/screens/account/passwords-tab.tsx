// The local passwords of an account, as such: name, when made, when used last, and taking one away.
import { useState } from "react";
import { Button, Cell, Column, Row, Table, TableBody, TableHeader } from "react-aria-components";
import type { AccountView } from "../../../src/control/contract.ts";
import { Ago } from "../../components/ago.tsx";
import { useAnnounce } from "../../components/announcer.tsx";
import { Confirm } from "../../components/confirm.tsx";
import { useControl } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";

export function PasswordsTab({ account: { email, passwords } }: { readonly account: AccountView }) {
  const { t } = useTexts();
  const control = useControl();
  const announce = useAnnounce();
  const [revoking, setRevoking] = useState<string>();
  const revoke = async (): Promise<void> => {
    if (revoking === undefined) return;
    await control.call("password.revoke", { email, name: revoking });
    announce(t("passwords.revoked", { name: revoking }));
  };
  return (
    <>
      <p className="soft">{t("passwords.intro")}</p>
      <Table className="table" aria-label={t("passwords.table", { email })}>
        <TableHeader>
          <Column isRowHeader>{t("passwords.name")}</Column>
          <Column>{t("passwords.created")}</Column>
          <Column>{t("passwords.used")}</Column>
          <Column>
            <span className="only-heard">{t("passwords.actions")}</span>
          </Column>
        </TableHeader>
        <TableBody renderEmptyState={() => <p className="empty">{t("passwords.empty")}</p>}>
          {passwords.map(({ name, createdAt, lastUsedAt }) => (
            <Row key={name} id={name}>
              <Cell>{name}</Cell>
              <Cell>
                <Ago at={createdAt} />
              </Cell>
              <Cell>{lastUsedAt === undefined ? t("common.never") : <Ago at={lastUsedAt} />}</Cell>
              <Cell className="cell-end">
                <Button
                  className="button small"
                  aria-label={t("passwords.revoke-named", { name })}
                  onPress={() => setRevoking(name)}
                >
                  {t("passwords.revoke")}
                </Button>
              </Cell>
            </Row>
          ))}
        </TableBody>
      </Table>
      <Confirm
        isOpen={revoking !== undefined}
        onClose={() => setRevoking(undefined)}
        title={t("passwords.revoke-title", { name: revoking ?? "" })}
        verb={t("passwords.revoke")}
        onConfirm={revoke}
      >
        <p>{t("passwords.revoke-text")}</p>
      </Confirm>
    </>
  );
}
