// One thing that happened, with its reason where it was a problem.
import type { Activity } from "../../../src/control/contract.ts";
import { Ago } from "../../components/ago.tsx";
import { StateShape } from "../../components/state-shape.tsx";
import { useTexts } from "../../texts.tsx";
import { isProblem } from "./filter.ts";
import { happenedTitle } from "./words.ts";

export function HappenedItem({ happened }: { readonly happened: Activity }) {
  const texts = useTexts();
  const { t, failure: textOf } = texts;
  const { at, account, protocol, failure } = happened;
  const where = [account, protocol === undefined ? undefined : t(`activity.protocol.${protocol}`)]
    .filter((part) => part !== undefined)
    .join(" · ");
  return (
    <li className="happened">
      {isProblem(happened) ? (
        <StateShape state="needs-you" isQuiet />
      ) : (
        <span className="dot" aria-hidden="true" />
      )}
      <div>
        <p>{happenedTitle(happened, texts)}</p>
        {failure === undefined ? null : (
          <p>
            {textOf(failure).say} {textOf(failure).do}
          </p>
        )}
        {where === "" ? null : <p className="soft">{where}</p>}
      </div>
      <span className="soft">
        <Ago at={at} />
      </span>
    </li>
  );
}
