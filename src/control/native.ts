// What the window can do in Electron beside `fetch`: `window.posternNative`, absent in a browser. Types only.
// Invariant: no function here takes or gives a secret, a path or a command.

export interface PosternNative {
  /** As Node names it. */
  readonly platform: string;
  /** Whether the tray app starts, without a window, when the person logs in. */
  readonly autostart: {
    get(): Promise<Autostart>;
    /** @returns what is true afterwards */
    set(enabled: boolean): Promise<Autostart>;
  };
  /**
   * Opens an https address in the person's own browser: a page that a provider's guide names, or a sign-in that the daemon
   * has started.
   * @returns false when the address is none of those: nothing was opened
   */
  openExternal(url: string): Promise<boolean>;
}

export interface Autostart {
  /** False where there is nothing to start at login: in a clone. */
  readonly supported: boolean;
  readonly enabled: boolean;
}
