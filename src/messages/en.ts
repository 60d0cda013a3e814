// All words of the window, in English. Invariant: its keys are the keys of every language.
import { activityEn } from "./activity-en.ts";
import { settingsEn } from "./settings-en.ts";
import { windowEn } from "./window-en.ts";

export const en = { ...windowEn, ...activityEn, ...settingsEn } as const;

export type MessageKey = keyof typeof en;
