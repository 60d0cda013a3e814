// Stopping the program while mail is on its way (faults.md 33): what has begun is finished, what is idle is ended.
import { afterEach, describe, expect, test } from "vitest";
import { type Pipes, startPipes } from "../support/pipes.ts";
import { everythingRead, sendSmtp } from "../support/raw-client.ts";

let pipes: Pipes | undefined;
afterEach(async () => {
  await pipes?.close();
});

describe("postern stop", () => {
  test("lets a message that is being sent be sent, ends an idle session at once, and exits with 0", async () => {
    pipes = await startPipes();
    const { town } = pipes;
    const message = Promise.withResolvers<string[]>();
    const stopped = Promise.withResolvers<void>();
    const sender = await pipes.residentAt("smtp", async (connection) => {
      await connection.readLine();
      await connection.write("354 go on\r\n");
      const lines: string[] = [];
      for (let line = await connection.readLine(); line !== "."; line = await connection.readLine())
        lines.push(line);
      message.resolve(lines);
      await stopped.promise;
      await connection.write("250 2.0.0 taken\r\n");
    });
    const reader = await pipes.loggedIn("imap", await town.resident());
    const client = await pipes.loggedIn("smtp", sender);
    expect(await sendSmtp(client, "DATA")).toBe("354 go on");
    client.write("Subject: on its way\r\n\r\nhalf a message");
    await everythingRead(client);

    const asked = performance.now();
    expect((await town.postern.cli("stop")).exitCode).toBe(0);
    expect(await reader.closed()).toBe("fin");
    expect(reader.transcript()).toMatch(/Logged in\r\n$/);
    reader.socket.destroy();
    expect(performance.now() - asked).toBeLessThan(5000);

    client.write(", and the other half\r\n.\r\n");
    expect(await message.promise).toEqual(["Subject: on its way", "", "half a message, and the other half"]);
    stopped.resolve();
    expect(await client.readLine()).toBe("250 2.0.0 taken");
    client.end();
    expect(await client.closed()).toBe("fin");
    expect(await town.postern.stop()).toBe(0);
    expect(performance.now() - asked).toBeLessThan(15_000);
  });
});
