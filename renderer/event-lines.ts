// The event stream's lines, from octets as they come. Invariant: a half line waits for its end; empty lines are heartbeats.

/** Ends when the stream does. Leaving the loop hangs up. */
export async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.trim() !== "") yield line;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
