// Whose certificates are believed, and what mail programs are told when a sign-in has ended.
import { useState } from "react";
import { Button, Form, Input, Label, TextField } from "react-aria-components";
import { Choice } from "../../components/choice.tsx";
import { FailureNote } from "../../components/failure-note.tsx";
import { Toggle } from "../../components/toggle.tsx";
import { useSnapshot } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";
import { useLock, useSave } from "./use-setting.ts";

export function Trust() {
  const { t } = useTexts();
  const { settings } = useSnapshot();
  const save = useSave();
  const { isLocked, note } = useLock();
  const [typed, setTyped] = useState<string>();
  const known = settings.authorityFile ?? "";
  const file = typed ?? known;
  return (
    <section className="settings-group">
      <h2>{t("settings.trust")}</h2>
      <Toggle
        isOn={settings.systemAuthorities}
        onChange={(systemAuthorities) => void save.run({ systemAuthorities })}
        isDisabled={isLocked("systemAuthorities")}
      >
        {t("settings.system-authorities")}
      </Toggle>
      <p className="soft">{isLocked("systemAuthorities") ? note : t("settings.system-authorities-text")}</p>
      <Form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void save
            .run({ authorityFile: file.trim() === "" ? null : file.trim() })
            .then(() => setTyped(undefined));
        }}
      >
        <TextField className="field" value={file} onChange={setTyped} isDisabled={isLocked("authorityFile")}>
          <Label>{t("settings.authority-file")}</Label>
          <Input placeholder={t("settings.authority-file-none")} spellCheck="false" />
        </TextField>
        {isLocked("authorityFile") ? <p className="locked">{note}</p> : null}
        {file.trim() === known ? null : (
          <div className="form-end">
            <Button className="button" type="submit" isPending={save.state.kind === "running"}>
              {t("common.save")}
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
      {isLocked("failureStyle") ? <p className="locked">{note}</p> : null}
      {save.state.kind === "failed" ? <FailureNote failure={save.state.failure} /> : null}
    </section>
  );
}
