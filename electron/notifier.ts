// The notifications that are on the screen. Invariant: one for each cause; a click on one does what it is about, once.
import type { NotificationOptions, NotificationSlice } from "./electron-api.ts";
import type { Notice } from "./notifications.ts";

export interface Notifier {
  show(notice: Notice): void;
  /** What it was about is solved. */
  close(key: string): void;
  has(key: string): boolean;
}

export interface NotifierParts {
  /** Undefined where the system shows none. */
  create(options: NotificationOptions): NotificationSlice | undefined;
  onClick(notice: Notice): void;
}

export function createNotifier({ create, onClick }: NotifierParts): Notifier {
  // Held here: what nobody holds is collected, and its clicks with it.
  const standing = new Map<string, NotificationSlice>();

  return {
    show(notice) {
      standing.get(notice.key)?.close();
      const shown = create({ title: notice.title, body: notice.body });
      if (shown === undefined) return;
      standing.set(notice.key, shown);
      shown.on("click", () => {
        if (standing.get(notice.key) === shown) onClick(notice);
      });
      shown.show();
    },
    close(key) {
      standing.get(key)?.close();
      standing.delete(key);
    },
    has: (key) => standing.has(key),
  };
}
