// The settings, each taking effect at once; what an administrator has set is shown and cannot be changed.
import { Page } from "../../components/page.tsx";
import { useSnapshot } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";
import { About } from "./about.tsx";
import { General } from "./general.tsx";
import { Ports } from "./ports.tsx";
import { Proxies } from "./proxies.tsx";
import { Trust } from "./trust.tsx";

export function SettingsScreen() {
  const { t } = useTexts();
  const { policy } = useSnapshot();
  return (
    <Page title={t("settings.title")}>
      {policy === undefined || policy.locked.length === 0 ? null : (
        <p className="note">
          {policy.organisation === undefined
            ? t("settings.org-unnamed")
            : t("settings.org", { organisation: policy.organisation })}
        </p>
      )}
      {policy?.problem === undefined ? null : (
        <div className="note note-problem" role="alert">
          <p className="note-title">{t("settings.org-problem")}</p>
          <p>{policy.problem}</p>
        </div>
      )}
      <General />
      <Ports />
      <Proxies />
      <Trust />
      <About />
    </Page>
  );
}
