// Everything between a person and their mail, for real: authorization server, Dovecot and Postfix, and no fake in between.
// Invariant: where the machine cannot run them, one line says what was left out and why.
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createTestAuthority, type TestAuthority } from "./authority.ts";
import { type AuthorizationServer, startAuthorizationServer } from "./authorization-server.ts";
import { prepareDebianPackages } from "./debian.ts";
import { type Dovecot, type DovecotOptions, startDovecot } from "./dovecot.ts";
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

/** Where mail lives. */
export interface MailServers {
  readonly authority: TestAuthority;
  readonly dovecot: Dovecot;
  readonly postfix: Postfix;
  stop(): Promise<void>;
}

/** Mail for anybody at example.test is delivered to Dovecot, which judges the logins of both. */
export async function startMailServers(options: Omit<DovecotOptions, "directory">): Promise<MailServers> {
  const { authority } = options;
  const directory = await mkdtemp(join(tmpdir(), "mail-"));
  // The servers' own users must get through to their folders.
  await chmod(directory, 0o711);
  const [dovecotDirectory, postfixDirectory] = [join(directory, "d"), join(directory, "p")];
  await Promise.all([mkdir(dovecotDirectory), mkdir(postfixDirectory)]);

  const dovecot = await startDovecot({ ...options, directory: dovecotDirectory });
  const postfix = await startPostfix({
    directory: postfixDirectory,
    authority,
    dovecot,
    domain: "example.test",
  });
  return {
    authority,
    dovecot,
    postfix,
    async stop() {
      await postfix.stop();
      await dovecot.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export interface RealServers extends MailServers {
  readonly authorizationServer: AuthorizationServer;
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

/** The mail servers, and oidc-provider to ask about tokens. */
export async function startRealServers(options: RealServerOptions): Promise<RealServers> {
  const { authority = await createTestAuthority(), passwords, passwordMechanisms, ...signIns } = options;
  const authorizationServer = await startAuthorizationServer({ authority, ...signIns });
  const mailServers = await startMailServers({
    authority,
    introspectionUrl: authorizationServer.introspectionUrl,
    openidConfigurationUrl: `${authorizationServer.issuer}/.well-known/openid-configuration`,
    ...(passwords === undefined ? {} : { passwords }),
    ...(passwordMechanisms === undefined ? {} : { passwordMechanisms }),
  });
  return {
    ...mailServers,
    authorizationServer,
    async stop() {
      await mailServers.stop();
      await authorizationServer.close();
    },
  };
}
