// Points a mail program at an account: which program, a local password for it, the values to type, and whether it gets in.
// Invariant: the local password is in this screen's memory only, and gone with it.
import { useState } from "react";
import type { AccountView } from "../../../src/control/contract.ts";
import { type Outlook, type Program, type Setup, setupOf } from "../../../src/mail-program/program.ts";
import { PickProgram } from "./pick-program.tsx";
import { ProgramSettings } from "./program-settings.tsx";

export interface ConnectProgramProps {
  readonly account: AccountView;
  /** What leaving is called before it works: "Skip for now". */
  readonly leave: string;
  readonly onLeave: () => void;
  /** Whether it comes in place of something else on a page that is open. */
  readonly takesFocus?: boolean;
}

export interface MadePassword {
  readonly name: string;
  readonly password: string;
}

export interface Choice {
  readonly program: Program;
  readonly outlook: Outlook;
}

export function ConnectProgram({ account, leave, onLeave, takesFocus = false }: ConnectProgramProps) {
  const [choice, setChoice] = useState<Choice>({ program: "thunderbird", outlook: "outlook-classic" });
  const [allMade, setAllMade] = useState<Partial<Record<Program, MadePassword>>>({});
  const [isShown, setShown] = useState(false);
  const made = allMade[choice.program];
  const setup: Setup = setupOf(choice.program, choice.outlook);
  return isShown && made !== undefined ? (
    <ProgramSettings
      account={account}
      program={choice.program}
      setup={setup}
      made={made}
      leave={leave}
      onLeave={onLeave}
      onAnother={() => setShown(false)}
    />
  ) : (
    <PickProgram
      account={account}
      choice={choice}
      onChoose={setChoice}
      setup={setup}
      made={made}
      onMade={(password) => {
        setAllMade({ ...allMade, [choice.program]: password });
        setShown(true);
      }}
      leave={leave}
      onLeave={onLeave}
      takesFocus={takesFocus || Object.keys(allMade).length > 0}
    />
  );
}
