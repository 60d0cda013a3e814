// The ways to mail servers and authorization servers, as the settings and the environment say at the moment.
// Invariant: who has been told a way can make TLS connections: by then it is in place whose certificates are trusted.
import type { Clock } from "../clock/clock.ts";
import { chooseRoute, type Environment } from "../network/choose-route.ts";
import { createFetch, type Fetch } from "../network/fetch.ts";
import type { Route } from "../network/route.ts";
import type { ProxyPassword } from "../secret/secret.ts";
import { type Authorities, authorities } from "./authorities.ts";
import type { Settings } from "./config/config.ts";

export interface Network {
  /** @throws PosternError `proxy-invalid`, and what the keychain says where the proxy has a user */
  mailRoute(host: string, port: number): Promise<Route>;
  signInRoute(host: string, port: number): Promise<Route>;
  /** To authorization servers. Rejects as fetch does; a PosternError is its TypeError's `cause`. */
  readonly fetch: Fetch;
  /** To be called when a person has set or removed the proxy's password. */
  forgetProxyPassword(): void;
}

export interface NetworkParts {
  readonly settings: () => Pick<Settings, "signInProxy" | "mailProxy">;
  readonly env: Environment;
  /** From the keychain, for the proxy of this setting; asked once, and again after a failure or `forgetProxyPassword`. */
  readonly proxyPassword: (setting: string) => Promise<ProxyPassword | undefined>;
  readonly clock: Clock;
  readonly authorities?: Pick<Authorities, "putInPlace">;
}

export function createNetwork(parts: NetworkParts): Network {
  const trusted = parts.authorities ?? authorities;
  const passwords = new Map<string, Promise<ProxyPassword | undefined>>();

  function keptPassword(setting: string): Promise<ProxyPassword | undefined> {
    const known = passwords.get(setting);
    if (known !== undefined) return known;
    const asking = parts.proxyPassword(setting);
    passwords.set(setting, asking);
    asking.catch(() => {
      if (passwords.get(setting) === asking) passwords.delete(setting);
    });
    return asking;
  }

  async function route(setting: string, host: string, port: number): Promise<Route> {
    trusted.putInPlace();
    const chosen = chooseRoute(setting, parts.env, { host, port });
    // A password of the environment's stands in its address; the keychain's belongs to the settings.
    const isKept = setting !== "environment" && chosen.kind !== "direct" && chosen.user !== undefined;
    return isKept ? { ...chosen, password: await keptPassword(setting) } : chosen;
  }

  const signInRoute = (host: string, port: number) => route(parts.settings().signInProxy, host, port);
  return {
    mailRoute: (host, port) => route(parts.settings().mailProxy, host, port),
    signInRoute,
    fetch: createFetch(signInRoute, parts.clock),
    forgetProxyPassword() {
      passwords.clear();
    },
  };
}
