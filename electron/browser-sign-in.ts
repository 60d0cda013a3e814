// A sign-in that was begun at the tray: the system browser opens, and the attempt is waited for here.
// Invariants: one attempt an account; what needs more than a browser (a code, a paste, a decision) is the window's, and the
// attempt begun here ends then; the address opens only through the allow-list.
import type { ControlClient } from "../src/control/client.ts";
import type { AccountView } from "../src/control/contract.ts";
import { toPosternError } from "../src/errors/postern-error.ts";
import type { ExternalLinks } from "./external-links.ts";
import type { Notice } from "./notifications.ts";
import { type Route, signInRoute } from "./routes.ts";
import type { Words } from "./words.ts";

export interface BrowserSignInParts {
  connect(): Promise<ControlClient>;
  readonly links: ExternalLinks;
  accounts(): readonly AccountView[];
  openExternal(url: string): Promise<void>;
  openWindow(route: Route): void;
  notify(notice: Notice): void;
  words(): Words;
}

export interface BrowserSignIn {
  /** Resolves when the attempt is over, however; a second click shows the same page again. */
  start(email: string): Promise<void>;
}

export function createBrowserSignIn(parts: BrowserSignInParts): BrowserSignIn {
  const { connect, links, accounts, openExternal, openWindow, notify, words } = parts;
  /** The address at which each running attempt is. */
  const running = new Map<string, string | undefined>();

  async function attempt(email: string): Promise<void> {
    const client = await connect();
    const started = await client.call("sign-in.start", { email, flow: "auto", browserHere: true });
    const { attemptId } = started;
    links.learn("sign-in.start", started);
    const url = started.flow === "loopback" ? links.check(started.authorizationUrl, accounts()) : undefined;
    const waited = client.call("sign-in.wait", { attemptId });
    // A failure before the browser is open is told once, by whoever awaits it below.
    waited.catch(() => {});
    try {
      if (url === undefined) throw new Error("no address that may be opened");
      await openExternal(url);
    } catch {
      await client.call("sign-in.cancel", { attemptId });
      openWindow(signInRoute(email));
      return;
    }
    running.set(email, url);
    const outcome = await waited;
    if (outcome.outcome === "signed-in") return;
    // Nothing is kept of it; to agree is for the window, where both addresses are shown.
    await client.call("sign-in.cancel", { attemptId });
    notify({
      key: `somebody-else ${email}`,
      title: words()("tray.notify-somebody-else", { identity: outcome.identity }),
      body: words()("tray.notify-somebody-else-body", { email }),
      action: { kind: "open", route: signInRoute(email) },
    });
  }

  /** The provider may have seen one code twice: nobody's decision, so it is tried once more. */
  async function attemptTwice(email: string): Promise<void> {
    try {
      await attempt(email);
    } catch (thrown) {
      if (toPosternError(thrown).code !== "sign-in-code-spent") throw thrown;
      await attempt(email);
    }
  }

  return {
    async start(email) {
      if (running.has(email)) {
        const url = running.get(email);
        if (url !== undefined) await openExternal(url).catch(() => openWindow(signInRoute(email)));
        return;
      }
      running.set(email, undefined);
      try {
        await attemptTwice(email);
      } catch (thrown) {
        const { code, sentence } = toPosternError(thrown);
        if (code === "sign-in-cancelled") return;
        notify({
          key: `sign-in ${email}`,
          title: words()("tray.notify-sign-in-failed", { email }),
          body: words().failure(code, sentence),
          action: { kind: "open", route: signInRoute(email) },
        });
      } finally {
        running.delete(email);
      }
    },
  };
}
