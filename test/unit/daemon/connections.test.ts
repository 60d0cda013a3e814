import { describe, expect, test } from "vitest";
import { connectionSchema } from "../../../src/control/activity-shapes.ts";
import type { Connection } from "../../../src/control/contract.ts";
import { createConnectionBook } from "../../../src/daemon/connections.ts";
import { PosternError } from "../../../src/errors/postern-error.ts";
import type { ConnectionEvent } from "../../../src/proxy/connection.ts";
import { createAccount } from "../../support/account.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const account = createAccount();
const login = { account, passwordName: "laptop" };

function prepare({ readers = true } = {}) {
  const clock = createFakeClock();
  const looking = { readers };
  const told: Connection[] = [];
  const book = createConnectionBook({
    clock,
    hasReaders: () => looking.readers,
    onChange: (connection) => told.push(connectionSchema.parse(connection)),
  });
  const record = (id: string, ...events: ConnectionEvent[]): void => {
    for (const event of events) book.record({ id, protocol: "imap" }, event);
  };
  return { clock, looking, told, book, record };
}

/** A session whose octets the test decides. */
function createSession() {
  const octets = { octetsToMua: 0, octetsFromMua: 0 };
  const events: ConnectionEvent[] = [
    { kind: "connected" },
    { kind: "password-accepted", ...login },
    { kind: "logged-in", ...login, passed: () => ({ ...octets }) },
  ];
  return { octets, events };
}

describe("a connection", () => {
  test("is told at each of its steps, from the first octet to the end", () => {
    const { book, record, told } = prepare();
    record(
      "1",
      { kind: "connected" },
      { kind: "named-itself", program: "Thunderbird 128" },
      { kind: "password-accepted", ...login },
      { kind: "login-failed", account, error: new PosternError("upstream-timeout") },
      { kind: "ended" },
    );
    expect(told.map(({ state }) => state)).toEqual([
      "connected",
      "connected",
      "logging-in",
      "connected",
      "ended",
    ]);
    expect(book.views()).toMatchObject([
      {
        id: "1",
        protocol: "imap",
        program: "Thunderbird 128",
        account: account.email,
        passwordName: "laptop",
        timeline: [
          { what: "connected" },
          { what: "named-itself" },
          { what: "password-accepted" },
          { what: "login-failed", failure: { code: "upstream-timeout", temporary: true } },
          { what: "ended" },
        ],
      },
    ]);
  });

  test("that says EHLO with the same name again is no news", () => {
    const { record, book } = prepare();
    const hello: ConnectionEvent = { kind: "named-itself", program: "scanner" };
    record("1", { kind: "connected" }, hello, hello);
    expect(book.views()[0]?.timeline.map(({ what }) => what)).toEqual(["connected", "named-itself"]);
  });

  test("tells its octets once a second at most, and only when there are new ones", async () => {
    const { clock, record, told } = prepare();
    const { octets, events } = createSession();
    record("1", ...events);
    const before = told.length;
    for (let step = 0; step < 20; step++) {
      octets.octetsToMua += 100;
      await clock.advance(50);
    }
    expect(told.slice(before).map(({ octetsToMua }) => octetsToMua)).toEqual([2000]);
    await clock.advance(5000);
    expect(told).toHaveLength(before + 1);
  });

  test("is not looked at while nobody reads, and is again when somebody comes", async () => {
    const { clock, looking, book, record, told } = prepare({ readers: false });
    const { octets, events } = createSession();
    record("1", ...events);
    octets.octetsFromMua = 7;
    await clock.advance(5000);
    expect(told).toEqual([]);
    looking.readers = true;
    book.countSoon();
    await clock.advance(1000);
    expect(told.map(({ octetsFromMua }) => octetsFromMua)).toEqual([7]);
  });

  test("among many that move has its turn, and no look tells of more than a reader can take", async () => {
    const { clock, record, told } = prepare();
    const sessions = Array.from({ length: 450 }, createSession);
    for (const [index, { events }] of sessions.entries()) record(String(index), ...events);
    const looked: string[][] = [];
    for (let look = 0; look < 3; look++) {
      for (const { octets } of sessions) octets.octetsToMua += 1;
      told.length = 0;
      await clock.advance(1000);
      looked.push(told.map(({ id }) => id));
    }
    expect(looked.map(({ length }) => length)).toEqual([200, 200, 200]);
    expect(new Set(looked.flat()).size).toBe(450);
  });

  test("keeps its octets when it is over", () => {
    const { book, record } = prepare();
    record("1", ...createSession().events);
    record("1", { kind: "session-ended", ...login, octetsToMua: 5, octetsFromMua: 6 }, { kind: "ended" });
    expect(book.views()).toMatchObject([{ state: "ended", octetsToMua: 5, octetsFromMua: 6 }]);
  });
});

describe("what is kept", () => {
  test("are all that live and the last fifty that have ended, the oldest first", async () => {
    const { clock, book, record } = prepare();
    record("first", { kind: "connected" });
    for (let number = 1; number <= 60; number++) {
      await clock.advance(1);
      record(String(number), { kind: "connected" }, { kind: "ended" });
    }
    const ids = book.views().map(({ id }) => id);
    expect(ids).toHaveLength(51);
    expect([ids[0], ids[1], ids.at(-1)]).toEqual(["first", "11", "60"]);
  });

  test("of one connection are the first and the last fifty moments", () => {
    const { book, record } = prepare();
    record("1", { kind: "connected" });
    for (let number = 1; number <= 200; number++)
      record("1", { kind: "named-itself", program: `p${number}` });
    record("1", { kind: "ended" });
    const { timeline = [] } = book.views()[0] ?? {};
    expect(timeline).toHaveLength(100);
    expect([timeline[0]?.what, timeline.at(-1)?.what]).toEqual(["connected", "ended"]);
  });
});
