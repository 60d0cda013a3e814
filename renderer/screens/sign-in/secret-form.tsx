// One secret that a person types, and that is tried at once. Invariant: it is in no other place of the page than this field.
import { type ReactNode, useState } from "react";
import { Button, FieldError, Form, Input, Label, TextField } from "react-aria-components";
import { useTexts } from "../../texts.tsx";

export interface SecretFormProps {
  readonly title: string;
  readonly label: string;
  readonly verb: string;
  /** What of the typed text is sent: all of it, unless told otherwise. */
  readonly clean?: (typed: string) => string;
  readonly onSend: (secret: string) => void;
  readonly onLater: () => void;
  readonly children: ReactNode;
}

export function SecretForm({
  title,
  label,
  verb,
  clean = (typed) => typed,
  onSend,
  onLater,
  children,
}: SecretFormProps) {
  const { t } = useTexts();
  const [secret, setSecret] = useState("");
  return (
    <>
      <h2>{title}</h2>
      {children}
      <Form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          onSend(clean(secret));
        }}
      >
        <TextField
          className="field wide"
          type="password"
          value={secret}
          onChange={setSecret}
          validate={(typed) => (typed !== "" && clean(typed) === "" ? t("sign-in.secret-empty") : null)}
          isRequired
        >
          <Label>{label}</Label>
          <Input autoComplete="off" spellCheck="false" />
          <FieldError className="field-error" />
        </TextField>
        <div className="buttons">
          <Button className="button primary" type="submit">
            {verb}
          </Button>
          <Button className="button quiet" onPress={onLater}>
            {t("sign-in.later")}
          </Button>
        </div>
      </Form>
    </>
  );
}
