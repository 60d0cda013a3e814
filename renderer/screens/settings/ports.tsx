// The ports at which mail programs reach Postern, how each listener is, and what they are told when a sign-in has ended.
import { useState } from "react";
import { Button, FieldError, Form, Input, Label, NumberField } from "react-aria-components";
import type { Snapshot } from "../../../src/control/contract.ts";
import { Choice } from "../../components/choice.tsx";
import { FailureNote } from "../../components/failure-note.tsx";
import { LockedNote } from "../../components/locked-note.tsx";
import { StateShape } from "../../components/state-shape.tsx";
import { WorkButton } from "../../components/work-button.tsx";
import { useSnapshot } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";
import { useLock, useSave } from "./use-setting.ts";

type Listener = Snapshot["listeners"][number];
type PortName = "imapPort" | "smtpPort";

const PORTS = [
  { name: "imapPort", label: "settings.imap-port", protocol: "imap" },
  { name: "smtpPort", label: "settings.smtp-port", protocol: "smtp" },
] as const;

export function Ports() {
  const { t } = useTexts();
  const { settings, listeners } = useSnapshot();
  const save = useSave();
  const { isLocked } = useLock();
  const [typed, setTyped] = useState<Partial<Record<PortName, number>>>({});
  const changed = PORTS.filter(({ name }) => (typed[name] ?? settings[name]) !== settings[name]);
  const submit = async (): Promise<void> => {
    // What is saved is Postern's, and another window may change it next.
    if (await save.run(Object.fromEntries(changed.map(({ name }) => [name, typed[name]])))) setTyped({});
  };
  return (
    <section className="settings-group">
      <h2>{t("settings.ports")}</h2>
      <p className="soft">{t("settings.ports-text")}</p>
      <Form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <div className="pair">
          {PORTS.map(({ name, label, protocol }) => (
            <div key={name}>
              <NumberField
                className="field"
                value={typed[name] ?? settings[name]}
                minValue={0}
                maxValue={65_535}
                commitBehavior="validate"
                formatOptions={{ useGrouping: false }}
                isDisabled={isLocked(name)}
                onChange={(port) =>
                  setTyped((before) => ({ ...before, [name]: Number.isNaN(port) ? settings[name] : port }))
                }
              >
                <Label>{t(label)}</Label>
                <Input />
                <FieldError className="field-error">{t("add.port-wrong")}</FieldError>
              </NumberField>
              <LockedNote name={name} />
              <ul className="listeners">
                {listeners
                  .filter((one) => one.protocol === protocol)
                  .map((one) => (
                    <ListenerLine key={one.address} listener={one} />
                  ))}
              </ul>
            </div>
          ))}
        </div>
        {save.state.kind === "failed" ? <FailureNote failure={save.state.failure} /> : null}
        {changed.length === 0 ? null : (
          <div className="form-end">
            <WorkButton className="button primary" isBusy={save.state.kind === "running"}>
              {t("common.save")}
            </WorkButton>
            <Button className="button" onPress={() => setTyped({})}>
              {t("common.cancel")}
            </Button>
          </div>
        )}
      </Form>
      <Choice
        label={t("settings.failures")}
        options={(["gentle", "strict"] as const).map((id) => ({ id, label: t(`settings.failure.${id}`) }))}
        value={settings.failureStyle}
        onChange={(failureStyle) => void save.run({ failureStyle })}
        isDisabled={isLocked("failureStyle")}
      />
      <LockedNote name="failureStyle" />
    </section>
  );
}

function ListenerLine({ listener: { address, port, state, reason } }: { readonly listener: Listener }) {
  const { t } = useTexts();
  const shape =
    state === "listening" ? "working" : state === "absent" || state === "closed" ? "offline" : "blocked";
  return (
    <li className="listener">
      <StateShape state={shape} isQuiet />
      <span title={reason}>{t(`settings.listener.${state}`, { address, port: String(port ?? "") })}</span>
    </li>
  );
}
