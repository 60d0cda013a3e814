// Which Postern this is, where it keeps things, and what a person should know about it.
import { Ago } from "../../components/ago.tsx";
import { useSnapshot } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";

export function About() {
  const { t, failure } = useTexts();
  const { version, startedAt, home, keychain, notices, policy } = useSnapshot();
  const state =
    keychain.ready || keychain.code === undefined
      ? t("settings.keychain-ready")
      : failure({ ...keychain, code: keychain.code }).say;
  return (
    <section className="settings-group">
      <h2>{t("settings.about")}</h2>
      {notices.length === 0 ? null : (
        <>
          <h3>{t("settings.notices")}</h3>
          <ul>
            {notices.map((notice) => (
              <li key={notice}>{notice}</li>
            ))}
          </ul>
        </>
      )}
      <dl>
        <div>
          <dt>{t("settings.version")}</dt>
          <dd>{version}</dd>
        </div>
        <div>
          <dt>{t("settings.started")}</dt>
          <dd>
            <Ago at={startedAt} />
          </dd>
        </div>
        <div>
          <dt>{t("settings.keychain")}</dt>
          <dd>
            {t(`settings.keychain.${keychain.kind}`)} ({state})
          </dd>
        </div>
        <div>
          <dt>{t("settings.folder")}</dt>
          <dd>{home}</dd>
        </div>
        {policy === undefined ? null : (
          <div>
            <dt>{t("settings.policy-path")}</dt>
            <dd>{policy.path}</dd>
          </div>
        )}
      </dl>
    </section>
  );
}
