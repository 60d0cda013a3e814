// All words of the window, in English. Invariant: its keys are the keys of every language.
import { activityEn } from "./activity-en.ts";
import { addAccountEn } from "./add-account-en.ts";
import { connectEn } from "./connect-en.ts";
import { guideEn } from "./guide-en.ts";
import { settingsEn } from "./settings-en.ts";
import { signInEn } from "./sign-in-en.ts";
import { windowEn } from "./window-en.ts";

export const en = {
  ...windowEn,
  ...activityEn,
  ...settingsEn,
  ...addAccountEn,
  ...signInEn,
  ...guideEn,
  ...connectEn,
} as const;

export type MessageKey = keyof typeof en;
