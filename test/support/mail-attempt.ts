// One attempt of a mail program to read or to send, on a connection of its own, and what it is answered.
import { expect } from "vitest";
import { connectRaw, type LocalLogin, logInToImap, logInToSmtp, sendSmtp } from "./raw-client.ts";

export const AUTHENTICATED = "235 2.7.0 Authentication successful";

/** The tagged answer to LOGIN, without its tag. `deadline` in milliseconds. */
export async function attemptLogin(port: number, login: LocalLogin, deadline = 10_000): Promise<string> {
  const client = await connectRaw(port);
  try {
    return await logInToImap(client, login, deadline);
  } finally {
    client.socket.destroy();
  }
}

/** The reply to MAIL, behind a 235 that must come. */
export async function attemptMail(port: number, login: LocalLogin): Promise<string> {
  const client = await connectRaw(port);
  try {
    expect(await logInToSmtp(client, login)).toBe(AUTHENTICATED);
    return await sendSmtp(client, `MAIL FROM:<${login.email}>`);
  } finally {
    client.socket.destroy();
  }
}
