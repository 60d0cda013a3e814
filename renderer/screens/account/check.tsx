// The account's check: each leg of the way, with what it took and why it failed.
import { Button } from "react-aria-components";
import type { Response } from "../../../src/control/contract.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { StateShape } from "../../components/state-shape.tsx";
import type { Task } from "../../state/use-task.ts";
import { useTexts } from "../../texts.tsx";
import { useNow } from "../../use-now.ts";

type Result = Response<"account.test">;
export type AccountTest = Task<[], Result>;

export function Check({ test, email }: { readonly test: AccountTest; readonly email: string }) {
  const { t } = useTexts();
  const { state } = test;
  return (
    <section className="setting">
      <div className="setting-text">
        <h2>{t("more.test")}</h2>
        <p className="soft">{t("more.test-text")}</p>
      </div>
      <div className="setting-action">
        {state.kind === "running" ? (
          <Button className="button" onPress={test.cancel}>
            {t("common.cancel")}
          </Button>
        ) : (
          <Button className="button" onPress={() => void test.run()}>
            {t("remedy.check")}
          </Button>
        )}
      </div>
      <div className="setting-below" role="status">
        {state.kind === "running" ? <Running since={state.since} /> : null}
        {state.kind === "done" ? (
          <p className="note-title">{t(state.value.works ? "more.test-works" : "more.test-fails")}</p>
        ) : null}
        {state.kind === "done" ? <Legs result={state.value} email={email} /> : null}
        {state.kind === "failed" ? <FailureNote failure={state.failure} email={email} /> : null}
      </div>
    </section>
  );
}

function Running({ since }: { readonly since: number }) {
  const { t } = useTexts();
  const seconds = Math.max(0, Math.round((useNow(1000) - since) / 1000));
  return (
    <p>
      <span aria-hidden="true">{t("more.test-running", { seconds })}</span>
      <span className="only-heard">{t("common.working")}</span>
    </p>
  );
}

export function Legs({ result, email }: { readonly result: Result; readonly email: string }) {
  const { t } = useTexts();
  return (
    <ul className="legs">
      {result.legs.map(({ leg, works, milliseconds, failure }) => (
        <li key={leg}>
          <p className="leg">
            <StateShape state={works ? "working" : "blocked"} isQuiet />
            <span>{t(`more.leg.${leg}`)}</span>
            <span className="soft">
              {t(works ? "more.leg-works" : "more.leg-fails")} · {t("more.leg-time", { milliseconds })}
            </span>
          </p>
          {failure === undefined ? null : <FailureNote failure={failure} email={email} />}
        </li>
      ))}
    </ul>
  );
}
