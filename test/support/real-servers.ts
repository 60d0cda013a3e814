// Everything between a person and their mail, for real: authorization server, Dovecot and Postfix, and no fake in between.
// Invariant: where the machine cannot run them, one line says what was left out and why.
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createTestAuthority, type TestAuthority } from "./authority.ts";
import { type AuthorizationServer, startAuthorizationServer } from "./authorization-server.ts";
import { prepareDebianPackages } from "./debian.ts";
import { type Dovecot, startDovecot } from "./dovecot.ts";
import type { Person } from "./person.ts";
import { type Postfix, startPostfix } from "./postfix.ts";

/** A describe block that needs Debian's mail servers; elsewhere one test tells that it was left out. */
export function describeWithRealServers(name: string, block: () => void): void {
  const support = prepareDebianPackages();
  if (support.kind === "available") {
    describe(name, block);
    return;
  }
  describe(name, () => {
    test("is left out on this machine, and the reason is said", () => {
      process.stderr.write(`LEFT OUT: ${name}: ${support.reason}\n`);
      expect(support.reason).not.toBe("");
    });
  });
}

export interface RealServers {
  readonly authority: TestAuthority;
  readonly authorizationServer: AuthorizationServer;
  readonly dovecot: Dovecot;
  readonly postfix: Postfix;
  stop(): Promise<void>;
}

export interface RealServerOptions {
  /** A new one unless told otherwise. */
  readonly authority?: TestAuthority;
  readonly people: readonly Person[];
  readonly accessTokenSeconds?: number;
  /** Who logs in with a password, by address; and how. */
  readonly passwords?: Readonly<Record<string, string>>;
  readonly passwordMechanisms?: readonly ("plain" | "login")[];
}

/** Mail for anybody at example.test is delivered to Dovecot. */
export async function startRealServers(options: RealServerOptions): Promise<RealServers> {
  const directory = await mkdtemp(join(tmpdir(), "mail-"));
  // The servers' own users must get through to their folders.
  await chmod(directory, 0o711);
  const [dovecotDirectory, postfixDirectory] = [join(directory, "d"), join(directory, "p")];
  await Promise.all([mkdir(dovecotDirectory), mkdir(postfixDirectory)]);

  const { authority = await createTestAuthority(), passwords, passwordMechanisms, ...signIns } = options;
  const authorizationServer = await startAuthorizationServer({ authority, ...signIns });
  const dovecot = await startDovecot({
    directory: dovecotDirectory,
    authority,
    introspectionUrl: authorizationServer.introspectionUrl,
    openidConfigurationUrl: `${authorizationServer.issuer}/.well-known/openid-configuration`,
    ...(passwords === undefined ? {} : { passwords }),
    ...(passwordMechanisms === undefined ? {} : { passwordMechanisms }),
  });
  const postfix = await startPostfix({
    directory: postfixDirectory,
    authority,
    dovecot,
    domain: "example.test",
  });
  return {
    authority,
    authorizationServer,
    dovecot,
    postfix,
    async stop() {
      await postfix.stop();
      await dovecot.stop();
      await authorizationServer.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
