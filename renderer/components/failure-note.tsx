// One problem: what happened, what to do, and the technical details. Spoken at once when it appears.
import type { ReactNode } from "react";
import type { Failure } from "../../src/control/contract.ts";
import { useTexts } from "../texts.tsx";
import { CopyButton } from "./copy-button.tsx";
import { Details } from "./details.tsx";

export function FailureNote({
  failure,
  email,
  children,
}: {
  readonly failure: Failure;
  /** Of the account that it is about. */
  readonly email?: string;
  /** The button that resolves it. */
  readonly children?: ReactNode;
}) {
  const { t, failure: textOf } = useTexts();
  const { say, do: todo } = textOf(failure);
  return (
    <div className="note note-problem" role="alert">
      <p className="note-title">{say}</p>
      {todo === "" ? null : <p>{todo}</p>}
      {failure.letter === undefined ? null : (
        <p>
          <CopyButton className="button" text={failure.letter}>
            {t("remedy.copy-letter")}
          </CopyButton>
        </p>
      )}
      {children}
      <Details
        details={[
          { name: t("details.code"), value: failure.code },
          { name: t("details.what"), value: failure.sentence },
          { name: t("details.action"), value: withEmail(failure.action, email) },
          { name: t("details.detail"), value: failure.detail },
        ]}
      />
    </div>
  );
}

/** The daemon's advice has EMAIL where the address belongs. */
export function withEmail(action: string | undefined, email: string | undefined): string | undefined {
  return email === undefined ? action : action?.replaceAll("EMAIL", email);
}
