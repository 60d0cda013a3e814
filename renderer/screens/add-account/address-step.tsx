// The one field of the beginning.
import { useState } from "react";
import { Button, FieldError, Form, Input, Label, TextField } from "react-aria-components";
import { useTexts } from "../../texts.tsx";

/** As the contract has it (shapes.ts); what passes here may still be refused there. */
const ADDRESS = /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u;
/** Likewise. */
const LONGEST = 320;

export interface AddressStepProps {
  readonly email: string;
  readonly isImport: boolean;
  readonly onImport: (isImport: boolean) => void;
  readonly onContinue: (email: string) => void;
  /** Nothing is looked up: the person names everything. */
  readonly onByHand: (email: string) => void;
}

export function AddressStep({ email, isImport, onImport, onContinue, onByHand }: AddressStepProps) {
  const { t } = useTexts();
  const [typed, setTyped] = useState(email);
  const [problem, setProblem] = useState<string>();
  const go = (next: (address: string) => void): void => {
    const address = typed.trim();
    if (ADDRESS.test(address) && address.length <= LONGEST) next(address);
    else setProblem(t("add.address-wrong"));
  };
  return (
    <Form
      className="address-step"
      validationBehavior="aria"
      onSubmit={(event) => {
        event.preventDefault();
        go(onContinue);
      }}
    >
      <TextField
        className="field wide"
        inputMode="email"
        value={typed}
        onChange={(value) => {
          setTyped(value);
          setProblem(undefined);
        }}
        isInvalid={problem !== undefined}
        autoFocus
      >
        <Label>{t("add.address")}</Label>
        <Input autoComplete="email" spellCheck="false" placeholder="alice@example.org" />
        <FieldError className="field-error">{problem}</FieldError>
      </TextField>
      {isImport ? <p className="note">{t("add.from-tool-text")}</p> : null}
      <div className="buttons">
        <Button className="button primary" type="submit">
          {t("add.continue")}
        </Button>
      </div>
      <div className="buttons below">
        <Button className="button link-like" onPress={() => onImport(!isImport)}>
          {t(isImport ? "add.not-from-tool" : "add.from-tool")}
        </Button>
        <Button className="button link-like" onPress={() => go(onByHand)}>
          {t("add.by-hand")}
        </Button>
      </div>
    </Form>
  );
}
