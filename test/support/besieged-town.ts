// A town whose one resident, bob, must be served whatever strangers send to the listeners, and nothing of what is secret may
// be written down by that: its log says as much as it can.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { createEncryptedFileKeychain } from "../../src/oauth/keychain/encrypted-file.ts";
import {
  connectRaw,
  type LocalLogin,
  logInToImap,
  logInToSmtp,
  plain,
  type RawClient,
  sendImap,
  sendSmtp,
} from "./raw-client.ts";
import { startTown, type Town } from "./town.ts";

export interface BesiegedTown {
  readonly town: Town;
  readonly bob: LocalLogin;
  imap(): Promise<RawClient>;
  smtp(): Promise<RawClient>;
  /** Behind the greeting and EHLO. */
  greetedSmtp(): Promise<RawClient>;
  /** How many connections the mail servers have seen. */
  upstreamConnections(): number;
  /** Bob gets in, at once. */
  expectServed(): Promise<void>;
  /** Every file of the home but the lock and the socket, by name. */
  filesOfHome(): Promise<Map<string, Buffer>>;
  /** Neither log nor home has a password, a token or a SASL message in clear. */
  expectNothingSecretWritten(): Promise<void>;
  /** Every line of the log is one JSON object. */
  expectOrderlyLog(): void;
}

export async function startBesiegedTown(): Promise<BesiegedTown> {
  const town = await startTown({
    people: 12,
    postern: { serve: ["--imap-port", "0", "--smtp-port", "0", "--log-level", "debug"] },
  });
  const bob = await town.resident();
  const imap = (): Promise<RawClient> => connectRaw(town.postern.imapPort);
  const smtp = (): Promise<RawClient> => connectRaw(town.postern.smtpPort);

  async function filesOfHome(): Promise<Map<string, Buffer>> {
    const entries = await readdir(town.postern.home, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    const contents = files.map(async (entry): Promise<[string, Buffer]> => {
      const path = join(entry.parentPath, entry.name);
      return [path, await readFile(path)];
    });
    return new Map(await Promise.all(contents));
  }

  return {
    town,
    bob,
    imap,
    smtp,
    async greetedSmtp() {
      const client = await greeted(smtp());
      await sendSmtp(client, "EHLO [127.0.0.1]");
      return client;
    },
    upstreamConnections: () => town.imap.connections.length + town.smtp.connections.length,
    async expectServed() {
      const client = await imap();
      const asked = performance.now();
      expect(await logInToImap(client, bob)).toMatch(/^OK /);
      expect(performance.now() - asked).toBeLessThan(1000);
      expect(await sendImap(client, "LOGOUT")).toMatch(/^OK /);
    },
    filesOfHome,
    async expectNothingSecretWritten() {
      const client = await imap();
      await logInToImap(client, bob);
      client.socket.destroy();
      const other = await smtp();
      await logInToSmtp(other, bob);
      await sendSmtp(other, "NOOP");
      other.socket.destroy();

      const keychain = createEncryptedFileKeychain({
        path: join(town.postern.home, "keychain.encrypted"),
        keyFile: join(town.postern.folder, "key"),
      });
      const { id } = await town.postern.json("account", "show", bob.email);
      const entry = await keychain.read({ purpose: "refresh-token", accountId: id });
      const refreshToken = entry?.current.value.reveal() ?? "";
      expect(refreshToken).toMatch(/^.{20,}$/);
      expect(town.logins.length).toBeGreaterThan(10);
      const tokens = [...new Set(town.logins.map(({ accessToken }) => accessToken)), refreshToken];
      const secrets = [
        bob.password,
        plain(bob),
        ...tokens,
        ...tokens.map((token) => base64(token)),
        ...town.logins.map(({ user, accessToken }) =>
          base64(`user=${user}\x01auth=Bearer ${accessToken}\x01\x01`),
        ),
      ];

      const places = new Map([...(await filesOfHome()), ["log", Buffer.from(town.postern.log())]]);
      for (const [place, octets] of places) {
        const text = octets.toString("latin1");
        for (const secret of secrets) expect(text.includes(secret), `a secret in ${place}`).toBe(false);
        expect(text.includes("Bearer "), `Bearer in ${place}`).toBe(false);
        expect(text, place).not.toMatch(/wrong\d/);
      }
    },
    expectOrderlyLog() {
      const lines = town.postern.log().trimEnd().split("\n");
      for (const line of lines)
        expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), msg: expect.any(String) });
      expect(town.postern.log()).not.toMatch(/unexpected|did not expect|nobody waited for/);
    },
  };
}

/** A connection behind its greeting. */
export async function greeted(connecting: Promise<RawClient>): Promise<RawClient> {
  const client = await connecting;
  await client.readLine();
  return client;
}

export const base64 = (text: string | Buffer): string => Buffer.from(text).toString("base64");
