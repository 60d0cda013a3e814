// The settings as they hold: a person's own, overlaid by what the administrator's policy decides; and what follows when
// either changes. Invariants: what the policy decides is never written into a person's configuration; what holds is in
// place everywhere without a restart.
import { PosternError, toPosternError } from "../errors/postern-error.ts";
import type { Keychain } from "../oauth/keychain/keychain.ts";
import { lockedSettings, overlaySettings, refusedChanges, withoutLocked } from "../policy/apply-policy.ts";
import type { Policy } from "../policy/policy.ts";
import type { MailProtocol } from "../proxy/outages.ts";
import type { Document } from "../storage/document.ts";
import type { TrustedAuthorities } from "./authorities.ts";
import type { Config, Settings } from "./config/config.ts";
import { keepProxyPassword, moveProxyPassword } from "./proxy-credentials.ts";

/** Undefined leaves a setting as it is; null removes it. */
export type SettingsChange = {
  readonly [Key in keyof Settings]?: Settings[Key] | null | undefined;
} & { readonly proxyPassword?: string | null | undefined };

export interface SettingsInForce {
  current(): Settings;
  /** The ports to listen at: the policy's, those of the command line, a person's, in this order. */
  ports(): Readonly<Record<MailProtocol, number>>;
  /** @throws PosternError `setting-locked`, `authority-file-unusable`, `state-not-saved`, `keychain-…`; then nothing has changed */
  change(change: SettingsChange): Promise<void>;
  /** Puts in place what holds now: at the start, and after a change of the policy. It throws nothing. */
  follow(): Promise<void>;
  /** Why the authority file in force is not trusted. */
  authorityProblem(): PosternError | undefined;
}

export interface SettingsParts {
  readonly config: Document<Config>;
  readonly keychain: Keychain;
  readonly policy: () => Policy | undefined;
  /** What the command line says instead of the configuration, until a person decides anew. */
  readonly givenPorts: Readonly<Record<MailProtocol, number | undefined>>;
  /** @throws PosternError `authority-file-unusable`; then what was trusted before stays */
  trust(chosen: TrustedAuthorities): Promise<void>;
  forgetProxyPassword(): void;
  move(ports: Readonly<Partial<Record<MailProtocol, number>>>): Promise<void>;
}

const PORT_SETTINGS = { imap: "imapPort", smtp: "smtpPort" } as const;

export function createSettingsInForce(parts: SettingsParts): SettingsInForce {
  const { config, keychain, policy } = parts;
  const givenPorts = { ...parts.givenPorts };
  const inForce = (own: Settings): Settings => overlaySettings(own, policy());
  const current = (): Settings => inForce(config.current().settings);
  let authorityProblem: PosternError | undefined;
  /** What has been put in place last; undefined before the start. A port that is left out is to be opened anew. */
  let placed:
    | { readonly settings: Settings; readonly ports: Partial<Record<MailProtocol, number>> }
    | undefined;

  function ports(): Readonly<Record<MailProtocol, number>> {
    const settings = current();
    const locked = lockedSettings(policy());
    const of = (protocol: MailProtocol): number => {
      const name = PORT_SETTINGS[protocol];
      return (locked.includes(name) ? undefined : givenPorts[protocol]) ?? settings[name];
    };
    return { imap: of("imap"), smtp: of("smtp") };
  }

  /** Authorities that cannot be had cost their own connections, not everybody's. */
  async function trust(settings: Settings, isFirst: boolean): Promise<void> {
    const chosen = {
      systemAuthorities: settings.systemAuthorities,
      authorityFile: settings.authorityFile,
    };
    authorityProblem = await parts.trust(chosen).then(() => undefined, toPosternError);
    if (authorityProblem !== undefined && isFirst) await parts.trust({ ...chosen, authorityFile: undefined });
  }

  async function follow(): Promise<void> {
    const settings = current();
    const now = ports();
    const before = placed;
    // At once, so that two at a time do not do the same.
    placed = { settings, ports: now };
    if (before === undefined) return trust(settings, true);
    if (!trustsTheSame(before.settings, settings)) await trust(settings, false);
    if (!usesTheSameProxies(before.settings, settings)) parts.forgetProxyPassword();
    await parts.move({
      ...(now.imap === before.ports.imap ? {} : { imap: now.imap }),
      ...(now.smtp === before.ports.smtp ? {} : { smtp: now.smtp }),
    });
  }

  return {
    current,
    ports,
    follow,
    authorityProblem: () => authorityProblem,

    async change({ proxyPassword, ...asked }) {
      const refused = refusedChanges(policy(), asked);
      if (refused.length > 0) {
        throw new PosternError("setting-locked", {
          detail: [refused.join(", "), policy()?.organisation].filter(Boolean).join(", by "),
        });
      }
      const change = withoutLocked(policy(), asked);
      const before = current();
      const after = inForce(applyChange(config.current().settings, change));
      if (!trustsTheSame(before, after)) {
        await parts.trust({ ...after, authorityFile: after.authorityFile });
        authorityProblem = undefined;
      }
      if (proxyPassword !== undefined) {
        await keepProxyPassword(keychain, after, proxyPassword);
        parts.forgetProxyPassword();
      } else if (!usesTheSameProxies(before, after)) {
        // A keychain that cannot be asked now must not keep anybody from taking a proxy out of the way.
        await moveProxyPassword(keychain, after).catch(() => {});
        parts.forgetProxyPassword();
      }
      const own = config.current().settings;
      // What stands there by then: somebody else may have changed another setting meanwhile.
      await config.change((file) => ({ ...file, settings: applyChange(file.settings, change) }));
      const kept = { ...placed?.ports };
      for (const protocol of ["imap", "smtp"] as const) {
        const name = PORT_SETTINGS[protocol];
        if (change[name] === undefined) continue;
        givenPorts[protocol] = undefined;
        // Also where it was any free port and is to be any free port.
        if (change[name] !== own[name]) delete kept[protocol];
      }
      placed = placed && { settings: current(), ports: kept };
      await follow();
    },
  };
}

function trustsTheSame(one: Settings, other: Settings): boolean {
  return one.authorityFile === other.authorityFile && one.systemAuthorities === other.systemAuthorities;
}

function usesTheSameProxies(one: Settings, other: Settings): boolean {
  return one.signInProxy === other.signInProxy && one.mailProxy === other.mailProxy;
}

function applyChange(before: Settings, change: SettingsChange): Settings {
  const authorityFile = change.authorityFile === undefined ? before.authorityFile : change.authorityFile;
  return {
    imapPort: change.imapPort ?? before.imapPort,
    smtpPort: change.smtpPort ?? before.smtpPort,
    failureStyle: change.failureStyle ?? before.failureStyle,
    systemAuthorities: change.systemAuthorities ?? before.systemAuthorities,
    signInProxy: change.signInProxy ?? before.signInProxy,
    mailProxy: change.mailProxy ?? before.mailProxy,
    notifications: change.notifications ?? before.notifications,
    language: change.language ?? before.language,
    ...(authorityFile === undefined || authorityFile === null ? {} : { authorityFile }),
  };
}
