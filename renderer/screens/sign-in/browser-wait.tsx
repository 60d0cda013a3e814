// While the person is at their provider's page: what is waited for, and every way on from here.
import { useState } from "react";
import { Button, FieldError, Form, Input, Label, TextField } from "react-aria-components";
import type { Failure } from "../../../src/control/contract.ts";
import { CopyButton } from "../../components/copy-button.tsx";
import { FailureNote } from "../../components/failure-note.tsx";
import { Fold } from "../../components/fold.tsx";
import { OutsideLink } from "../../components/outside-link.tsx";
import { Progress } from "../../components/progress.tsx";
import { failureFrom } from "../../control.ts";
import { useTexts } from "../../texts.tsx";
import type { SignIn, SignInState } from "./use-sign-in.ts";

export function BrowserWait({
  state,
  signIn,
}: {
  readonly state: Extract<SignInState, { kind: "browser" }>;
  readonly signIn: SignIn;
}) {
  const { t } = useTexts();
  return (
    <>
      {state.isSecondTry ? <p className="note">{t("sign-in.code-spent")}</p> : null}
      <Progress label={t("sign-in.waiting")} since={state.since} />
      <p>{t("sign-in.waiting-text")}</p>
      <div className="buttons">
        <OutsideLink className="button" url={state.url}>
          {t("sign-in.open-again")}
        </OutsideLink>
        <CopyButton className="button" text={state.url}>
          {t("sign-in.copy-link")}
        </CopyButton>
        {state.offersDevice ? (
          <Button className="button" onPress={() => void signIn.start("device")}>
            {t("sign-in.other")}
          </Button>
        ) : null}
        <Button className="button quiet" onPress={signIn.cancel}>
          {t("sign-in.cancel")}
        </Button>
      </div>
      <PasteAnswer signIn={signIn} />
    </>
  );
}

function PasteAnswer({ signIn }: { readonly signIn: SignIn }) {
  const { t } = useTexts();
  const [text, setText] = useState("");
  const [failure, setFailure] = useState<Failure>();
  const send = async (): Promise<void> => {
    setFailure(undefined);
    try {
      await signIn.answer(text.trim());
    } catch (thrown) {
      setFailure(failureFrom(thrown));
    }
  };
  return (
    <Fold title={t("sign-in.paste")} level={2}>
      <p>{t("sign-in.paste-text")}</p>
      <Form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <TextField className="field wide" value={text} onChange={setText} isRequired>
          <Label>{t("sign-in.paste-label")}</Label>
          <Input autoComplete="off" spellCheck="false" />
          <FieldError className="field-error" />
        </TextField>
        <Button className="button" type="submit">
          {t("sign-in.paste-send")}
        </Button>
      </Form>
      {failure === undefined ? null : <FailureNote failure={failure} />}
    </Fold>
  );
}
