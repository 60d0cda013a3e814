// Where in the four steps a person is.
import { useTexts } from "../../texts.tsx";

const STEPS = ["address", "provider", "sign-in", "connect"] as const;

/** "later" and "check" are parts of the sign-in. */
export function Steps({ at }: { readonly at: (typeof STEPS)[number] | "later" | "check" }) {
  const { t } = useTexts();
  const now = STEPS.indexOf(at === "later" || at === "check" ? "sign-in" : at);
  return (
    <ol className="steps" aria-label={t("add.steps")}>
      {STEPS.map((step, index) => (
        <li
          key={step}
          className={index < now ? "step-done" : index === now ? "step-now" : "step-ahead"}
          {...(index === now ? { "aria-current": "step" as const } : {})}
        >
          <span className="step-number" aria-hidden="true">
            {index < now ? "✓" : index + 1}
          </span>
          {t(`add.step.${step}`)}
          {index < now ? <span className="only-heard">, {t("add.step-done")}</span> : null}
        </li>
      ))}
    </ol>
  );
}
