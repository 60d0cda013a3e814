// What concerns everything, above every screen: Postern is away, paused, or cannot keep sign-ins.
import { useTask } from "../state/use-task.ts";
import { useControl, useSnapshot, useWindowState } from "../state/window-state.tsx";
import { useTexts } from "../texts.tsx";
import { Details } from "./details.tsx";
import { FailureNote } from "./failure-note.tsx";
import { WorkButton } from "./work-button.tsx";

export function Banners() {
  const { t, failure } = useTexts();
  const control = useControl();
  const { kind } = useWindowState();
  const { paused, keychain } = useSnapshot();
  const resume = useTask((signal) => control.call("resume", {}, signal));
  if (kind === "away") {
    return (
      <div className="banner" role="status">
        {t("away.banner")}
      </div>
    );
  }
  const keychainText =
    keychain.ready || keychain.code === undefined ? undefined : failure({ ...keychain, code: keychain.code });
  return (
    <>
      {paused ? (
        <div className="banner" role="status">
          <span>{t("paused.banner")}</span>
          <WorkButton
            className="button"
            isBusy={resume.state.kind === "running"}
            onPress={() => void resume.run()}
          >
            {t("remedy.resume")}
          </WorkButton>
        </div>
      ) : null}
      {resume.state.kind === "failed" ? <FailureNote failure={resume.state.failure} /> : null}
      {keychainText === undefined ? null : (
        <div className="banner banner-tall" role="status">
          <p className="note-title">{keychainText.say}</p>
          <p>{keychainText.do}</p>
          <Details
            details={[
              { name: t("details.code"), value: keychain.code },
              { name: t("details.what"), value: keychain.sentence },
              { name: t("details.action"), value: keychain.action },
              { name: t("details.detail"), value: keychain.detail },
            ]}
          />
        </div>
      )}
    </>
  );
}
