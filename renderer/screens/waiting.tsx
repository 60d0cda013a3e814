// What stands there while nothing is known: looking, away, or a page that must be opened again.
import { ProgressBar } from "react-aria-components";
import { CopyButton } from "../components/copy-button.tsx";
import { useTexts } from "../texts.tsx";

export function Connecting() {
  const { t } = useTexts();
  return (
    <main className="alone" aria-busy="true">
      <ProgressBar className="progress" isIndeterminate aria-label={t("connecting.title")}>
        <div className="progress-track" />
      </ProgressBar>
      <p>{t("connecting.title")}</p>
    </main>
  );
}

export function Away({ since }: { readonly since: number }) {
  const { t, clock } = useTexts();
  return (
    <main className="alone">
      <h1>{t("away.title")}</h1>
      <p role="status">{t("away.text")}</p>
      <p className="soft">{t("away.since", { when: clock(since) })}</p>
    </main>
  );
}

export function Locked() {
  const { t } = useTexts();
  return (
    <main className="alone">
      <h1>{t("locked.title")}</h1>
      <p role="alert">{t("locked.text")}</p>
      <p className="command">
        <code>{t("locked.command")}</code> <CopyButton text={t("locked.command")} />
      </p>
    </main>
  );
}
