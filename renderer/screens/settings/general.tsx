// Language, notifications, starting with the computer, pausing.
import { Choice } from "../../components/choice.tsx";
import { FailureNote } from "../../components/failure-note.tsx";
import { LockedNote } from "../../components/locked-note.tsx";
import { Toggle } from "../../components/toggle.tsx";
import { WorkButton } from "../../components/work-button.tsx";
import { useTask } from "../../state/use-task.ts";
import { useControl, useSnapshot } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";
import { Autostart } from "./autostart.tsx";
import { useLock, useSave } from "./use-setting.ts";

export function General() {
  const { t } = useTexts();
  const { settings } = useSnapshot();
  const save = useSave();
  const { isLocked } = useLock();
  return (
    <section className="settings-group">
      <h2>{t("settings.general")}</h2>
      <Choice
        label={t("settings.language")}
        options={[
          { id: "system", label: t("settings.language.system") },
          { id: "en", label: "English" },
          { id: "ja", label: "日本語" },
        ]}
        value={settings.language}
        onChange={(language) => void save.run({ language })}
        isDisabled={isLocked("language")}
      />
      <LockedNote name="language" />
      <Toggle
        isOn={settings.notifications}
        onChange={(notifications) => void save.run({ notifications })}
        isDisabled={isLocked("notifications")}
      >
        {t("settings.notifications")}
      </Toggle>
      <LockedNote name="notifications" />
      <Autostart />
      <Pause />
      {save.state.kind === "failed" ? <FailureNote failure={save.state.failure} /> : null}
    </section>
  );
}

function Pause() {
  const { t } = useTexts();
  const control = useControl();
  const { paused } = useSnapshot();
  const change = useTask((signal) => control.call(paused ? "resume" : "pause", {}, signal));
  return (
    <div className="setting-line">
      <p className="soft">{t("settings.pause-text")}</p>
      <WorkButton
        className="button"
        isBusy={change.state.kind === "running"}
        onPress={() => void change.run()}
      >
        {t(paused ? "settings.resume" : "settings.pause")}
      </WorkButton>
      {change.state.kind === "failed" ? <FailureNote failure={change.state.failure} /> : null}
    </div>
  );
}
