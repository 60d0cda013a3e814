// Whose certificates are believed, beyond the ones that Postern brings along.
import { useState } from "react";
import { Form, Input, Label, TextField } from "react-aria-components";
import { FailureNote } from "../../components/failure-note.tsx";
import { LockedNote } from "../../components/locked-note.tsx";
import { Toggle } from "../../components/toggle.tsx";
import { WorkButton } from "../../components/work-button.tsx";
import { useSnapshot } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";
import { useLock, useSave } from "./use-setting.ts";

export function Trust() {
  const { t } = useTexts();
  const { settings } = useSnapshot();
  const save = useSave();
  const { isLocked } = useLock();
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
      <p className="soft">{t("settings.system-authorities-text")}</p>
      <LockedNote name="systemAuthorities" />
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
        <LockedNote name="authorityFile" />
        {file.trim() === known ? null : (
          <div className="form-end">
            <WorkButton className="button" isBusy={save.state.kind === "running"}>
              {t("common.save")}
            </WorkButton>
          </div>
        )}
      </Form>
      {save.state.kind === "failed" ? <FailureNote failure={save.state.failure} /> : null}
    </section>
  );
}
