// Lines of the event stream, however the network cuts them.
import { expect, test } from "vitest";
import { readLines } from "../../../renderer/event-lines.ts";

function stream(...chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function linesOf(body: ReadableStream<Uint8Array>): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of readLines(body)) lines.push(line);
  return lines;
}

const octets = (text: string): Uint8Array => new TextEncoder().encode(text);

test("a line may come in pieces, and a piece may hold many; empty ones are heartbeats", async () => {
  const body = stream(octets('{"a":'), octets('1}\n\n{"b":2}\n'), octets("\n{"), octets('"c":3}\n'));
  expect(await linesOf(body)).toEqual(['{"a":1}', '{"b":2}', '{"c":3}']);
});

test("a letter whose octets come apart is whole", async () => {
  const whole = octets('"山"\n');
  expect(await linesOf(stream(whole.slice(0, 2), whole.slice(2)))).toEqual(['"山"']);
});

test("a line that the end cut off is nothing", async () => {
  expect(await linesOf(stream(octets('{"a":1}\n{"half')))).toEqual(['{"a":1}']);
});

test("leaving the loop hangs up", async () => {
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(octets("1\n")),
    cancel: () => {
      isCancelled = true;
    },
  });
  for await (const _line of readLines(body)) break;
  expect(isCancelled).toBe(true);
});
