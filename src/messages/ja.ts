// All words of the window, in Japanese.
import { activityJa } from "./activity-ja.ts";
import { addAccountJa } from "./add-account-ja.ts";
import { connectJa } from "./connect-ja.ts";
import type { MessageKey } from "./en.ts";
import { guideJa } from "./guide-ja.ts";
import { settingsJa } from "./settings-ja.ts";
import { signInJa } from "./sign-in-ja.ts";
import { windowJa } from "./window-ja.ts";

export const ja: Readonly<Record<MessageKey, string>> = {
  ...windowJa,
  ...activityJa,
  ...settingsJa,
  ...addAccountJa,
  ...signInJa,
  ...guideJa,
  ...connectJa,
};
