// A mailbox that several people use: who of them signs in for it here.
import { useState } from "react";
import { FieldError, Input, Label, TextField } from "react-aria-components";
import { Fold } from "../../components/fold.tsx";
import { useTexts } from "../../texts.tsx";

export function SharedMailbox({
  owner,
  onOwner,
}: {
  readonly owner: string | undefined;
  readonly onOwner: (owner: string | undefined) => void;
}) {
  const { t } = useTexts();
  const [typed, setTyped] = useState(owner ?? "");
  return (
    <Fold title={t("add.shared")} isOpen={owner !== undefined}>
      <TextField
        className="field wide"
        inputMode="email"
        value={typed}
        onChange={(value) => {
          setTyped(value);
          const address = value.trim();
          onOwner(address.includes("@") ? address : undefined);
        }}
      >
        <Label>{t("add.owner")}</Label>
        <Input autoComplete="off" spellCheck="false" />
        <FieldError className="field-error" />
      </TextField>
    </Fold>
  );
}
