// One connection of a mail program: what it is, how much went through, and its timeline behind a fold.
import { Button, Disclosure, DisclosurePanel, Heading } from "react-aria-components";
import type { Connection } from "../../../src/control/contract.ts";
import { Ago } from "../../components/ago.tsx";
import { Details } from "../../components/details.tsx";
import { StateShape } from "../../components/state-shape.tsx";
import { useTexts } from "../../texts.tsx";
import { isProblem } from "./filter.ts";
import { programOf } from "./words.ts";

type Moment = Connection["timeline"][number];

export function ConnectionItem({ connection }: { readonly connection: Connection }) {
  const texts = useTexts();
  const { t, octets } = texts;
  const { protocol, account, state, since, endedAt, octetsToMua, octetsFromMua, timeline } = connection;
  const program = programOf(connection, texts);
  const shape = timeline.some(isProblem) ? "needs-you" : state === "ended" ? "offline" : "working";
  return (
    <li className="connection">
      <Disclosure>
        <Heading level={3} className="connection-heading">
          <Button slot="trigger" className="connection-trigger">
            <StateShape state={shape} isQuiet />
            <span className="connection-main">
              <span className="connection-program">{program}</span>
              <span className="soft">
                {t(`activity.protocol.${protocol}`)} · {account ?? t("activity.nobody")}
              </span>
            </span>
            <span className="connection-side soft">
              <span>
                {t(`activity.state.${state}`)} · <Ago at={endedAt ?? since} />
              </span>
              <span title={t("activity.transferred")}>
                ↓ {octets(octetsToMua)} ↑ {octets(octetsFromMua)}
              </span>
            </span>
            <svg viewBox="0 0 16 16" aria-hidden="true" className="chevron">
              <path d="M6 3l5 5-5 5" />
            </svg>
          </Button>
        </Heading>
        <DisclosurePanel className="timeline-panel">
          <ol className="timeline" aria-label={t("activity.timeline", { program })}>
            {timeline.map((moment, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: moments have no name, and none is ever moved
              <MomentLine key={index} moment={moment} />
            ))}
          </ol>
        </DisclosurePanel>
      </Disclosure>
    </li>
  );
}

function MomentLine({ moment: { at, what, failure } }: { readonly moment: Moment }) {
  const { t, clock, exact, failure: textOf } = useTexts();
  return (
    <li
      className={
        isProblem({ what, ...(failure === undefined ? {} : { failure }) }) ? "moment problem" : "moment"
      }
    >
      <time dateTime={new Date(at).toISOString()} title={exact(at)}>
        {clock(at)}
      </time>
      <div>
        <p>{t(`moment.${what}`)}</p>
        {failure === undefined ? null : (
          <>
            <p className="note-title">{textOf(failure).say}</p>
            <p>{textOf(failure).do}</p>
            <Details
              details={[
                { name: t("details.code"), value: failure.code },
                { name: t("details.what"), value: failure.sentence },
                { name: t("details.action"), value: failure.action },
                { name: t("details.detail"), value: failure.detail },
              ]}
            />
          </>
        )}
      </div>
    </li>
  );
}
