// Which mail program, and the local password that is made for it.
import { useEffect, useRef, useState } from "react";
import {
  Button,
  FieldError,
  Form,
  Input,
  Label,
  Radio,
  RadioGroup,
  Text,
  TextField,
} from "react-aria-components";
import type { AccountView } from "../../../src/control/contract.ts";
import { cardOf } from "../../../src/mail-program/card.ts";
import { localAccess } from "../../../src/mail-program/local-access.ts";
import {
  freeName,
  OUTLOOKS,
  type Outlook,
  PROGRAMS,
  type Program,
  type Setup,
} from "../../../src/mail-program/program.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { WorkButton } from "../../components/work-button.tsx";
import { useTask } from "../../state/use-task.ts";
import { useControl, useSnapshot } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";
import type { Choice, MadePassword } from "./connect-program.tsx";

export interface PickProgramProps {
  readonly account: AccountView;
  readonly choice: Choice;
  readonly onChoose: (choice: Choice) => void;
  readonly setup: Setup;
  /** The one that has been made for this program already. */
  readonly made: MadePassword | undefined;
  readonly onMade: (made: MadePassword) => void;
  readonly leave: string;
  readonly onLeave: () => void;
  readonly takesFocus: boolean;
}

export function PickProgram(props: PickProgramProps) {
  const { account, choice, onChoose, setup, made, onMade, leave, onLeave, takesFocus } = props;
  const { t } = useTexts();
  const control = useControl();
  const { listeners } = useSnapshot();
  const [typed, setTyped] = useState<string>();
  const { email, passwords } = account;
  const taken = passwords.map(({ name }) => name);
  const suggested = freeName(t(`connect.password-name.${choice.program}`), taken);
  const name = (typed ?? suggested).trim();
  const { groups, notes } = cardOf(setup, localAccess(account, listeners, setup));
  const make = useTask(async (signal) => {
    const { password } = await control.call("password.create", { email, name }, signal);
    return { name, password };
  });
  // While it is being made, it is there already.
  const isTaken = taken.includes(name) && make.state.kind !== "running";
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (takesFocus) heading.current?.focus();
  }, [takesFocus]);
  const go = async (): Promise<void> => {
    const password = made ?? (await make.run());
    if (password !== undefined) onMade(password);
  };
  return (
    <Form
      className="connect"
      onSubmit={(event) => {
        event.preventDefault();
        void go();
      }}
    >
      <h2 ref={heading} tabIndex={-1} className="connect-question">
        {t("connect.intro", { email })}
      </h2>
      <RadioGroup
        className="program-cards"
        aria-label={t("connect.programs")}
        value={choice.program}
        onChange={(value) => {
          setTyped(undefined);
          onChoose({ ...choice, program: value as Program });
        }}
      >
        {PROGRAMS.map((program) => (
          <Radio key={program} value={program} className="radio program-card">
            <span className="ring" aria-hidden="true" />
            {t(`connect.program.${program}`)}
          </Radio>
        ))}
      </RadioGroup>
      {choice.program === "outlook" ? (
        <RadioGroup
          className="radios"
          value={choice.outlook}
          onChange={(value) => onChoose({ ...choice, outlook: value as Outlook })}
        >
          <Label>{t("connect.outlooks")}</Label>
          {OUTLOOKS.map((outlook) => (
            <Radio key={outlook} value={outlook} className="radio">
              <span className="ring" aria-hidden="true" />
              {t(`connect.outlook.${outlook}`)}
            </Radio>
          ))}
        </RadioGroup>
      ) : null}
      {notes.map((note) => (
        <p key={note} className="note">
          {t(`connect.note.${note}`)}
        </p>
      ))}
      {groups.length === 0 || made !== undefined ? null : (
        <TextField
          className="field"
          value={typed ?? suggested}
          onChange={setTyped}
          isRequired
          isInvalid={isTaken}
          maxLength={100}
        >
          <Label>{t("connect.name")}</Label>
          <Input autoComplete="off" spellCheck="false" />
          <Text slot="description" className="soft">
            {t("connect.name-help")}
          </Text>
          <FieldError className="field-error">{isTaken ? t("connect.name-taken") : undefined}</FieldError>
        </TextField>
      )}
      {make.state.kind === "failed" ? <FailureNote failure={make.state.failure} email={email} /> : null}
      <div className="form-end">
        {groups.length === 0 ? null : (
          <WorkButton
            className="button primary"
            isBusy={make.state.kind === "running"}
            isDisabled={made === undefined && (isTaken || name === "")}
          >
            {made === undefined ? t("connect.make") : t("connect.show")}
          </WorkButton>
        )}
        <Button className="button" onPress={onLeave}>
          {leave}
        </Button>
      </div>
    </Form>
  );
}
