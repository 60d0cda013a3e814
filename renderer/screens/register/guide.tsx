// A provider's way to a client id, walked step by step; it goes on where it was left. Invariant: a client secret goes out of
// its field to Postern and is shown nowhere.
import { useEffect, useState } from "react";
import { Button } from "react-aria-components";
import type { Request, Response } from "../../../src/control/contract.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { Progress } from "../../components/progress.tsx";
import { WorkButton } from "../../components/work-button.tsx";
import { useTask } from "../../state/use-task.ts";
import { useControl } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";
import { GuideStep } from "./guide-step.tsx";

export type Shown = Response<"registration.show">;
export type Step = Shown["guide"]["steps"][number];
export type Saved = Omit<Request<"registration.save">, "provider">;
export type Checked = Response<"registration.check">;

export function Guide({ provider, onUsable }: { readonly provider: string; readonly onUsable: () => void }) {
  const { t } = useTexts();
  const control = useControl();
  /** The step that a person went back to. */
  const [again, setAgain] = useState<string>();
  const shown = useTask((signal) => control.call("registration.show", { provider }, signal));
  const { run } = shown;
  useEffect(() => void run(), [run]);
  const [known, setKnown] = useState<Shown>();
  useEffect(() => {
    if (shown.state.kind === "done") setKnown(shown.state.value);
  }, [shown.state]);

  if (shown.state.kind === "failed") return <FailureNote failure={shown.state.failure} />;
  if (known === undefined) return <Progress label={t("common.working")} />;

  const { guide, registration } = known;
  const save = async (change: Saved): Promise<void> => {
    await control.call("registration.save", { provider, ...change });
    await run();
  };
  const walked = guide.steps.filter(needsSomebody);
  const next = walked.find(({ id }) => !registration.done.includes(id));
  const step = walked.find(({ id }) => id === again) ?? next;
  const number = step === undefined ? walked.length : walked.indexOf(step) + 1;
  return (
    <section className="guide">
      <p lang="en">{guide.text}</p>
      {guide.shortWay === undefined ? null : (
        <p className="note">
          <strong>{t("guide.short-way")}: </strong>
          <span lang="en">{guide.shortWay}</span>
        </p>
      )}
      {step === undefined ? (
        <End isUsable={guide.usable} onUsable={onUsable} onRestart={() => save({ restart: true })} />
      ) : (
        <>
          <p className="soft">{t("guide.step", { number, count: walked.length })}</p>
          <GuideStep
            key={step.id}
            step={step}
            provider={provider}
            registration={registration}
            save={save}
            onDone={async () => {
              setAgain(undefined);
              await save({ done: [step.id] });
            }}
            onBack={number > 1 ? () => setAgain(walked[number - 2]?.id) : undefined}
          />
        </>
      )}
    </section>
  );
}

/** The last step of most guides is the sign-in itself, and that comes after this guide anyway. */
function needsSomebody({ check, confirmed, inputs }: Step): boolean {
  return check !== undefined || confirmed || inputs.length > 0;
}

function End({
  isUsable,
  onUsable,
  onRestart,
}: {
  readonly isUsable: boolean;
  readonly onUsable: () => void;
  /** @throws ControlFailure */
  readonly onRestart: () => Promise<void>;
}) {
  const { t } = useTexts();
  const restart = useTask(onRestart);
  return (
    <>
      <p className="note-title">{t(isUsable ? "guide.finished" : "guide.not-usable")}</p>
      <div className="buttons">
        {isUsable ? (
          <Button className="button primary" onPress={onUsable}>
            {t("guide.use")}
          </Button>
        ) : null}
        <WorkButton
          className="button quiet"
          isBusy={restart.state.kind === "running"}
          onPress={() => void restart.run()}
        >
          {t("guide.restart")}
        </WorkButton>
      </div>
      {restart.state.kind === "failed" ? <FailureNote failure={restart.state.failure} /> : null}
    </>
  );
}
