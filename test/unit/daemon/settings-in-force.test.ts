import { describe, expect, test } from "vitest";
import type { Config } from "../../../src/daemon/config/config.ts";
import { createSettingsInForce, type SettingsParts } from "../../../src/daemon/settings-in-force.ts";
import { PosternError } from "../../../src/errors/postern-error.ts";
import type { Policy } from "../../../src/policy/policy.ts";
import { failureOf } from "../../support/failure-of.ts";
import { createMemoryDocument } from "../../support/memory-document.ts";
import { createMemoryKeychain } from "../../support/memory-keychain.ts";

const CONFIG: Config = {
  version: 3,
  settings: {
    imapPort: 2143,
    smtpPort: 2587,
    failureStyle: "gentle",
    systemAuthorities: true,
    signInProxy: "environment",
    mailProxy: "none",
    notifications: true,
    language: "system",
  },
  accounts: [],
};

async function start(givenPorts: SettingsParts["givenPorts"] = { imap: undefined, smtp: undefined }) {
  const config = createMemoryDocument(CONFIG);
  const moves: object[] = [];
  const trusted: unknown[] = [];
  const world: { policy: Settings | undefined; broken: boolean } = { policy: undefined, broken: false };
  const settings = createSettingsInForce({
    config,
    keychain: createMemoryKeychain(),
    policy: () => world.policy && { version: 1, settings: world.policy },
    givenPorts,
    trust: async ({ authorityFile }) => {
      if (world.broken && authorityFile !== undefined) throw new PosternError("authority-file-unusable");
      trusted.push(authorityFile);
    },
    forgetProxyPassword: () => {},
    move: async (ports) => void moves.push(ports),
  });
  const lock = async (policy: Settings | undefined) => {
    world.policy = policy;
    await settings.follow();
  };
  return { config, moves, trusted, world, settings, lock };
}
type Settings = Policy["settings"];

describe("a port", () => {
  test("is the policy's before the command line's before a person's, and moves only when it is another", async () => {
    const { settings, moves, lock } = await start({ imap: 4143, smtp: undefined });
    await lock(undefined);
    expect(settings.ports()).toEqual({ imap: 4143, smtp: 2587 });
    await lock({ imapPort: 3143 });
    await lock({ imapPort: 3143, notifications: false });
    await lock(undefined);
    expect(moves).toEqual([{ imap: 3143 }, {}, { imap: 4143 }]);
  });

  test("that a person sets is opened from now on instead of the command line's", async () => {
    const { settings, moves, lock } = await start({ imap: 0, smtp: 0 });
    await lock(undefined);
    await settings.change({ imapPort: 2143 });
    await settings.change({ smtpPort: 0 });
    await settings.change({ smtpPort: 0 });
    expect(moves).toEqual([{ imap: 2143 }, { smtp: 0 }, {}]);
  });
});

describe("what the policy decides", () => {
  test("is refused as a change by name and organisation, and what goes along with it is not done either", async () => {
    const { settings, config, lock } = await start();
    await lock({ imapPort: 3143 });
    const failure = await failureOf(settings.change({ imapPort: 1, language: "ja" }));
    expect([failure.code, failure.detail]).toEqual(["setting-locked", "imapPort"]);
    expect(config.writes).toBe(0);
  });

  test("stays out of a person's own file, also where they want the same", async () => {
    const { settings, config, lock } = await start();
    await lock({ imapPort: 3143 });
    await settings.change({ imapPort: 3143, language: "ja" });
    expect(config.current().settings).toEqual({ ...CONFIG.settings, language: "ja" });
    expect(settings.current()).toMatchObject({ imapPort: 3143, language: "ja" });
  });

  test("and cannot be had, of authorities, costs nothing else, and is told until it can be had", async () => {
    const { settings, trusted, world, lock } = await start();
    world.broken = true;
    await lock({ authorityFile: "/etc/ca.pem", imapPort: 3143 });
    expect(settings.authorityProblem()?.code).toBe("authority-file-unusable");
    expect([trusted, settings.ports().imap]).toEqual([[undefined], 3143]);
    world.broken = false;
    await lock({ authorityFile: "/etc/other.pem" });
    expect([trusted, settings.authorityProblem()]).toEqual([[undefined, "/etc/other.pem"], undefined]);
  });
});
