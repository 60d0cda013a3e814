import { describe, expect, test } from "vitest";
import { createHurriedFetch } from "../../../src/discovery/http.ts";
import type { Fetch } from "../../../src/oauth/client/bounded-fetch.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const GET = { method: "GET", headers: {}, redirect: "manual", body: undefined } as const;

/** Answers with these chunks, and never ends; aborts as the platform's fetch does. */
function endless(...chunks: string[]): Fetch {
  return async (_url, options) => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(Buffer.from(chunk));
        options.signal?.addEventListener("abort", () => controller.error(options.signal?.reason));
      },
    });
    return new Response(body);
  };
}

describe("a fetch in a hurry", () => {
  test("gives the whole answer, and leaves no timer behind", async () => {
    const clock = createFakeClock();
    const fetch = createHurriedFetch(async () => new Response("{}"), clock);
    expect(await (await fetch("https://a.test/", GET)).text()).toBe("{}");
    expect(clock.scheduled()).toBe(0);
  });

  test("gives up an answer that does not end", async () => {
    const clock = createFakeClock();
    const fetching = createHurriedFetch(endless("{", '"a"'), clock)("https://a.test/", GET);
    const outcome = expect(fetching).rejects.toMatchObject({ name: "TimeoutError" });
    await clock.advance(8000);
    await outcome;
    expect(clock.scheduled()).toBe(0);
  });

  test("gives up when the one who asks does", async () => {
    const clock = createFakeClock();
    const asker = new AbortController();
    const fetching = createHurriedFetch(endless(), clock)("https://a.test/", {
      ...GET,
      signal: asker.signal,
    });
    const outcome = expect(fetching).rejects.toThrow("enough");
    asker.abort(new Error("enough"));
    await outcome;
    expect(clock.scheduled()).toBe(0);
  });
});
