// The one button that resolves a problem (remedy.ts decides which).
import { Link } from "react-aria-components";
import type { AccountView } from "../../../src/control/contract.ts";
import type { FailureCode } from "../../../src/messages/failures.ts";
import { CopyButton } from "../../components/copy-button.tsx";
import { WorkButton } from "../../components/work-button.tsx";
import { type Remedy, remedyFor } from "../../remedy.ts";
import { formatRoute, type Route } from "../../routes.ts";
import { useTask } from "../../state/use-task.ts";
import { useControl } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";

interface Props {
  readonly code: FailureCode;
  readonly account: AccountView;
  readonly onCheck: () => void;
  readonly onCompare: () => void;
}

export function RemedyButton({ code, account, onCheck, onCompare }: Props) {
  const { t } = useTexts();
  const control = useControl();
  const resume = useTask((signal) => control.call("resume", {}, signal));
  const { email, provider, status } = account;
  const remedy = remedyFor({
    code,
    hasLetter: status.letter !== undefined,
    hasProvider: provider !== undefined,
  });
  const label = t(`remedy.${remedy}`);
  const route = routeOf(remedy, email, provider);
  if (route !== undefined) {
    return (
      <Link className="button primary" href={formatRoute(route)}>
        {label}
      </Link>
    );
  }
  if (remedy === "copy-letter") {
    const letter = status.letter ?? `${status.sentence}\n${status.action ?? ""}`.replaceAll("EMAIL", email);
    return (
      <CopyButton className="button primary" text={letter}>
        {label}
      </CopyButton>
    );
  }
  if (remedy === "diagnostics") {
    return (
      <CopyButton
        className="button primary"
        text={async () => (await control.call("diagnostics.show", {})).text}
      >
        {label}
      </CopyButton>
    );
  }
  return (
    <WorkButton
      className="button primary"
      isBusy={resume.state.kind === "running"}
      onPress={
        remedy === "compare-hosts" ? onCompare : remedy === "resume" ? () => void resume.run() : onCheck
      }
    >
      {label}
    </WorkButton>
  );
}

/** Undefined where the button does something here. */
export function routeOf(remedy: Remedy, email: string, provider: string | undefined): Route | undefined {
  switch (remedy) {
    case "sign-in":
    case "connect":
      return { kind: remedy, email };
    case "guide":
      return provider === undefined ? { kind: "add" } : { kind: "register", provider };
    case "settings":
      return { kind: "settings" };
    case "add-again":
      return { kind: "add" };
    default:
      return undefined;
  }
}
