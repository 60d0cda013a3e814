// The live line: waiting for the first login, that it works, or why it does not.
import type { ReactNode } from "react";
import { Button } from "react-aria-components";
import { kindToCorrect } from "../../../src/mail-program/card.ts";
import type { Problem } from "../../../src/mail-program/first-login.ts";
import type { Protocol } from "../../../src/mail-program/program.ts";
import { Details } from "../../components/details.tsx";
import type { Texts } from "../../speech.ts";
import { useTexts } from "../../texts.tsx";
import { useNow } from "../../use-now.ts";
import type { WatchedLogins } from "./use-first-logins.ts";

export interface LiveLineProps {
  readonly logins: WatchedLogins;
  /** What has to log in. */
  readonly protocols: readonly Protocol[];
  readonly program: string;
  readonly userName: string;
  /** Absent where no value of the card is to blame. */
  readonly onShow?: () => void;
  /** The way on. */
  readonly children: ReactNode;
}

export function LiveLine({ logins, protocols, program, userName, onShow, children }: LiveLineProps) {
  const { t, failure } = useTexts();
  const { arrived, problem, since } = logins;
  const works = arrived.length === protocols.length;
  const why = problem === undefined ? undefined : explain(problem, { userName, t, failure });
  return (
    <section className="live" aria-labelledby="connect-live" data-works={works}>
      <h2 id="connect-live">{t("connect.live")}</h2>
      <div role="status">
        <p className="live-line">
          {works ? t("connect.live.works") : waitingFor(arrived, protocols, program, t)}
        </p>
        {works ? (
          <p>{t(protocols.length === 1 ? "connect.live.works-sending" : "connect.live.works-long")}</p>
        ) : null}
      </div>
      {works || since === undefined ? null : <Waited since={since} />}
      <div role="status">{why === undefined ? null : <p className="note note-problem">{why}</p>}</div>
      {problem === undefined ? null : (
        <Details
          details={[
            { name: t("details.code"), value: problem.failure.code },
            { name: t("details.what"), value: problem.failure.sentence },
            { name: t("details.detail"), value: problem.failure.detail },
          ]}
        />
      )}
      <ul className="ticks">
        {protocols.map((protocol) => (
          <li key={protocol} data-ticked={arrived.includes(protocol)}>
            <span aria-hidden="true">{arrived.includes(protocol) ? "✓" : "○"}</span>{" "}
            {t("connect.live.tick", {
              what: t(`connect.live.${protocol}`),
              state: t(arrived.includes(protocol) ? "connect.live.ticked" : "connect.live.open"),
            })}
          </li>
        ))}
      </ul>
      <div className="form-end">
        {onShow === undefined ? null : (
          <Button className="button primary" onPress={onShow}>
            {t("connect.show-correct")}
          </Button>
        )}
        {children}
      </div>
    </section>
  );
}

/** Not spoken: it changes by itself. */
function Waited({ since }: { readonly since: number }) {
  const { t } = useTexts();
  const minutes = Math.max(0, Math.floor((useNow() - since) / 60_000));
  return <p className="soft">{t("connect.live.for", { minutes })}</p>;
}

function waitingFor(
  arrived: readonly Protocol[],
  protocols: readonly Protocol[],
  program: string,
  t: Texts["t"],
): string {
  const [missing] = protocols.filter((protocol) => !arrived.includes(protocol));
  if (arrived.length === 0) return t("connect.live.waiting", { program });
  return t(missing === "imap" ? "connect.live.waiting-reading" : "connect.live.waiting-sending", { program });
}

interface Explaining extends Pick<Texts, "t" | "failure"> {
  readonly userName: string;
}

/** In one sentence. */
function explain(problem: Problem, { userName, t, failure }: Explaining): string {
  const { userName: tried, protocol } = problem;
  switch (kindToCorrect(problem.failure.code)) {
    case "user-name":
      return tried === undefined || tried === ""
        ? t("connect.problem.user-name", { right: userName })
        : t("connect.problem.user-name-tried", { tried, right: userName });
    case "password":
      return t("connect.problem.password");
    case "encryption":
      return t("connect.problem.encryption");
    case "port":
      return t(protocol === "smtp" ? "connect.problem.port.smtp" : "connect.problem.port.imap");
    default:
      return t("connect.problem.behind", { why: failure(problem.failure).say });
  }
}
