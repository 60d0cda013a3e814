// What to type into the mail program, its files, and the line that tells whether it gets in.
import { useEffect, useRef } from "react";
import { Button } from "react-aria-components";
import type { AccountView } from "../../../src/control/contract.ts";
import { cardOf, fieldsToCorrect } from "../../../src/mail-program/card.ts";
import { filesOf } from "../../../src/mail-program/files.ts";
import { localAccess } from "../../../src/mail-program/local-access.ts";
import { type Program, protocolsOf, type Setup } from "../../../src/mail-program/program.ts";
import { useSnapshot } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";
import type { MadePassword } from "./connect-program.tsx";
import { Downloads } from "./downloads.tsx";
import { LiveLine } from "./live-line.tsx";
import { SettingsCard } from "./settings-card.tsx";
import { useFirstLogins } from "./use-first-logins.ts";

export interface ProgramSettingsProps {
  readonly account: AccountView;
  readonly program: Program;
  readonly setup: Setup;
  readonly made: MadePassword;
  readonly leave: string;
  readonly onLeave: () => void;
  readonly onAnother: () => void;
}

export function ProgramSettings(props: ProgramSettingsProps) {
  const { account, program, setup, made, leave, onLeave, onAnother } = props;
  const { t } = useTexts();
  const { listeners } = useSnapshot();
  const access = localAccess(account, listeners, setup);
  const card = cardOf(setup, access);
  const protocols = protocolsOf(setup);
  const logins = useFirstLogins(account, made.name, protocols);
  const { arrived, problem } = logins;
  const works = arrived.length === protocols.length;
  const toCorrect =
    problem === undefined
      ? []
      : fieldsToCorrect(card, problem.failure.code, problem.protocol).map(({ id }) => id);
  const heading = useRef<HTMLHeadingElement>(null);
  const settings = useRef<HTMLElement>(null);
  // Whoever pressed the button before is led on to what has come.
  useEffect(() => heading.current?.focus(), []);
  const showWhatToCorrect = (): void => {
    const row = settings.current?.querySelector<HTMLElement>('[data-correct="true"]');
    row?.scrollIntoView({ block: "center" });
    row?.focus();
  };
  const shown = t(`connect.named.${program}`);
  return (
    <div className="connect">
      <section className="connect" ref={settings} aria-labelledby="connect-settings">
        <div className="connect-head">
          <h2 id="connect-settings" ref={heading} tabIndex={-1}>
            {t("connect.settings", { program: shown })}
          </h2>
          <Button className="button small" onPress={onAnother}>
            {t("connect.another")}
          </Button>
        </div>
        <p>{t("connect.password-once", { name: made.name })}</p>
        {card.notes.map((note) => (
          <p key={note} className="note">
            {t(`connect.note.${note}`)}
          </p>
        ))}
        <Downloads files={filesOf(setup, access, made.password)} setup={setup} />
        <SettingsCard card={card} password={made.password} toCorrect={toCorrect} />
      </section>
      <LiveLine
        logins={logins}
        protocols={protocols}
        program={shown}
        userName={access.userName}
        {...(toCorrect.length === 0 ? {} : { onShow: showWhatToCorrect })}
      >
        <Button className={works ? "button primary" : "button"} onPress={onLeave}>
          {works ? t("connect.done") : leave}
        </Button>
      </LiveLine>
    </div>
  );
}
