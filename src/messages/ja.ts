// All words of the window, in Japanese.
import { activityJa } from "./activity-ja.ts";
import type { MessageKey } from "./en.ts";
import { settingsJa } from "./settings-ja.ts";
import { windowJa } from "./window-ja.ts";

export const ja: Readonly<Record<MessageKey, string>> = { ...windowJa, ...activityJa, ...settingsJa };
