import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "vitest";
import type { ControlEvent } from "../../../src/control/contract.ts";
import type { Config } from "../../../src/daemon/config/config.ts";
import type { State } from "../../../src/daemon/config/state.ts";
import { createDaemon } from "../../../src/daemon/create-daemon.ts";
import { createLog } from "../../../src/daemon/log.ts";
import { locateHome } from "../../../src/installation/home.ts";
import { openPolicy } from "../../../src/policy/policy-source.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { createMemoryDocument } from "../../support/memory-document.ts";
import { createMemoryKeychain } from "../../support/memory-keychain.ts";
import { createTemporaryFolder } from "../../support/temporary-folder.ts";

const config: Config = {
  version: 3,
  settings: {
    imapPort: 0,
    smtpPort: 0,
    failureStyle: "gentle",
    systemAuthorities: false,
    signInProxy: "none",
    mailProxy: "none",
    notifications: true,
    language: "system",
  },
  accounts: [],
};
const state: State = { version: 2, passwords: [], signIns: {}, leftInKeychain: [], smtpKeywords: {} };

test("whoever watches is told when a listener gets the port that another program had", async () => {
  const folder = createTemporaryFolder();
  const clock = createFakeClock();
  const daemon = createDaemon({
    home: locateHome({ POSTERN_HOME: folder }),
    lockFolder: folder,
    config: createMemoryDocument(config),
    state: createMemoryDocument(state),
    keychain: createMemoryKeychain(),
    clock,
    log: createLog("silent"),
    env: {},
    policy: await openPolicy([], clock),
    givenPorts: { imap: undefined, smtp: undefined },
    random: () => 0.5,
  });
  const other = createServer();
  other.listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  await daemon.proxy.open({ imap: port, smtp: 0 });

  const watching = new AbortController();
  const events: ControlEvent[] = [];
  const watched = (async () => {
    for await (const event of daemon.events.subscribe(watching.signal, () => {})) events.push(event);
  })();
  await expect.poll(() => events.length).toBe(1);
  expect(events[0]).toMatchObject({
    kind: "snapshot",
    snapshot: { listeners: expect.arrayContaining([expect.objectContaining({ state: "taken", port })]) },
  });

  other.close();
  await once(other, "close");
  await clock.advance(30_000);
  await expect.poll(() => events.length).toBe(2);
  expect(events[1]).toEqual({
    kind: "listener",
    listener: { protocol: "imap", address: "127.0.0.1", port, state: "listening" },
  });
  watching.abort();
  await watched;
  await daemon.proxy.close();
});
