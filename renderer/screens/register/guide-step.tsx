// One step at the provider: what to do there, what to copy there, what comes back, and whether it is right.
import { useState } from "react";
import { Button, FieldError, Form, Heading, Input, Label, Text, TextField } from "react-aria-components";
import type { Failure } from "../../../src/control/contract.ts";
import { CopyButton } from "../../components/copy-button.tsx";
import { FailureNote } from "../../components/failure-note.tsx";
import { OutsideLink } from "../../components/outside-link.tsx";
import { Progress } from "../../components/progress.tsx";
import { WorkButton } from "../../components/work-button.tsx";
import { failureFrom } from "../../control.ts";
import { useControl } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";
import type { Checked, Saved, Shown, Step } from "./guide.tsx";

interface Props {
  readonly step: Step;
  readonly provider: string;
  readonly registration: Shown["registration"];
  /** @throws ControlFailure */
  readonly save: (change: Saved) => Promise<void>;
  readonly onDone: () => Promise<void>;
  readonly onBack: (() => void) | undefined;
}

type InputName = Step["inputs"][number]["input"];

export function GuideStep({ step, provider, registration, save, onDone, onBack }: Props) {
  const { t } = useTexts();
  const control = useControl();
  const [values, setValues] = useState<Partial<Record<InputName, string>>>(() => known(registration));
  const [isBusy, setBusy] = useState(false);
  const [checked, setChecked] = useState<Checked>();
  const [failure, setFailure] = useState<Failure>();

  const guarded = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setFailure(undefined);
    setChecked(undefined);
    try {
      await work();
    } catch (thrown) {
      setFailure(failureFrom(thrown));
    } finally {
      setBusy(false);
    }
  };
  const submit = (): Promise<void> =>
    guarded(async () => {
      if (step.inputs.length > 0) await save(toSave(step, values));
      if (step.check !== undefined) {
        const outcome = await control.call("registration.check", { provider, check: step.check });
        setChecked(outcome);
        if (outcome.result !== "passed") return;
      }
      await onDone();
    });

  return (
    <Form
      className="form panel"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Heading level={2} lang="en">
        {step.title}
      </Heading>
      <p lang="en">{step.text}</p>
      {step.url === undefined ? null : (
        <p>
          <OutsideLink className="button" url={step.url}>
            {t("guide.open")}
          </OutsideLink>
        </p>
      )}
      {step.copy.length === 0 ? null : (
        <dl className="values" aria-label={t("guide.copy-these")}>
          {step.copy.map(({ label, value }) => (
            <div key={label}>
              <dt lang="en">{label}</dt>
              <dd>
                <code>{value}</code> <CopyButton text={value} name={label} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {step.inputs.map(({ input, optional }) => (
        <StepInput
          key={input}
          input={input}
          isOptional={optional || (input === "client-secret" && registration.hasClientSecret)}
          isKept={input === "client-secret" && registration.hasClientSecret}
          pattern={input === "client-id" ? step.clientIdPattern : undefined}
          value={values[input] ?? ""}
          onChange={(value) => setValues((before) => ({ ...before, [input]: value }))}
        />
      ))}
      {isBusy && step.check !== undefined ? <Progress label={t("guide.checking")} /> : null}
      {checked === undefined || checked.result === "passed" ? null : <Outcome checked={checked} />}
      {failure === undefined ? null : <FailureNote failure={failure} />}
      <div className="buttons">
        <WorkButton className="button primary" isBusy={isBusy}>
          {t(step.check === undefined ? "guide.done" : "guide.check")}
        </WorkButton>
        {checked === undefined || checked.result === "passed" ? null : (
          <Button className="button" onPress={() => void guarded(onDone)}>
            {t("guide.go-on")}
          </Button>
        )}
        {onBack === undefined ? null : (
          <Button className="button quiet" onPress={onBack}>
            {t("guide.back")}
          </Button>
        )}
      </div>
    </Form>
  );
}

function StepInput({
  input,
  isOptional,
  isKept,
  pattern,
  value,
  onChange,
}: {
  readonly input: InputName;
  readonly isOptional: boolean;
  readonly isKept: boolean;
  readonly pattern: string | undefined;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  const { t } = useTexts();
  const label = t(`guide.input.${input}`);
  const typed = value.trim();
  const isClientId = input === "client-id";
  const looksWrong = pattern !== undefined && typed !== "" && !new RegExp(pattern).test(typed);
  return (
    <TextField
      className="field wide"
      type={input === "client-secret" ? "password" : "text"}
      value={value}
      onChange={onChange}
      validate={(text) => (isClientId && /\s/.test(text.trim()) ? t("guide.one-word") : null)}
      isRequired={!isOptional}
    >
      <Label>{isOptional && !isKept ? t("guide.optional", { label }) : label}</Label>
      <Input autoComplete="off" spellCheck="false" />
      <FieldError className="field-error" />
      {isKept ? (
        <Text slot="description" className="soft">
          {t("guide.kept-secret")}
        </Text>
      ) : null}
      {looksWrong ? (
        <Text slot="description" className="field-warning">
          ▲ {t("guide.looks-wrong")}
        </Text>
      ) : null}
    </TextField>
  );
}

function Outcome({ checked }: { readonly checked: Checked }) {
  const { t } = useTexts();
  return (
    <div className="note note-problem" role="alert">
      <p className="note-title">{t(checked.result === "failed" ? "guide.failed" : "guide.unclear")}</p>
      <p lang="en">{checked.sentence}</p>
      {checked.action === undefined ? null : <p lang="en">{checked.action}</p>}
    </div>
  );
}

/** What was brought back before, but for the secret, which never comes back. */
function known({ clientId, tenant, issuer }: Shown["registration"]): Partial<Record<InputName, string>> {
  return {
    ...(clientId === undefined ? {} : { "client-id": clientId }),
    ...(tenant === undefined ? {} : { tenant }),
    ...(issuer === undefined ? {} : { issuer }),
  };
}

function toSave({ inputs }: Step, values: Readonly<Partial<Record<InputName, string>>>): Saved {
  const typed = (input: InputName): string | undefined =>
    inputs.some((one) => one.input === input) ? values[input]?.trim() || undefined : undefined;
  const [clientId, clientSecret, tenant, issuer] = [
    typed("client-id"),
    typed("client-secret"),
    typed("tenant"),
    typed("issuer"),
  ];
  return {
    ...(clientId === undefined ? {} : { clientId }),
    ...(clientSecret === undefined ? {} : { clientSecret }),
    ...(tenant === undefined ? {} : { tenant }),
    ...(issuer === undefined ? {} : { issuer }),
  };
}
