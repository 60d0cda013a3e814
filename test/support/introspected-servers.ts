// Real Dovecots and Postfixes that ask about access tokens; who issues tokens is the test itself, by a word.
// Invariant: a mail server accepts what `issueAccessToken` has given out, for that address, and nothing else.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestAuthority, type TestAuthority } from "./authority.ts";
import { type Dovecot, startDovecot } from "./dovecot.ts";
import { type Postfix, startPostfix } from "./postfix.ts";

export const DOMAIN = "example.test";
export const ALICE = `alice@${DOMAIN}`;
const CLIENT_ID = "mail-server";
const CLIENT_SECRET = "a secret/with:signs";

/** What several Dovecots and Postfixes have in common. */
export interface Shared {
  readonly root: string;
  readonly authority: TestAuthority;
  readonly authorityFile: string;
  /** Access token → the address it was issued to. */
  readonly accessTokens: Map<string, string>;
  readonly introspectionUrl: string;
  readonly openidConfigurationUrl: string;
  stop(): Promise<void>;
}

/** An authority, and an authorization server that can introspect and nothing else. */
export async function startShared(): Promise<Shared> {
  const root = await mkdtemp(join(tmpdir(), "postern-"));
  // Dovecot and Postfix leave root's identity and must still reach their directories below.
  await chmod(root, 0o711);
  const authority = await createTestAuthority();
  const accessTokens = new Map<string, string>();
  const introspection = await startIntrospection(authority, accessTokens);
  const host = `localhost:${portOf(introspection)}`;
  return {
    root,
    authority,
    authorityFile: await authority.writeTo(root),
    accessTokens,
    introspectionUrl: `https://${CLIENT_ID}:${encodeURIComponent(CLIENT_SECRET)}@${host}/introspect`,
    openidConfigurationUrl: `https://${host}/.well-known/openid-configuration`,
    async stop() {
      introspection.closeAllConnections();
      introspection.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** A new one that the servers' own users can reach. */
export async function createDirectory(shared: Shared): Promise<string> {
  return await mkdtemp(join(shared.root, "d"));
}

export interface Servers {
  readonly dovecot: Dovecot;
  readonly postfix: Postfix;
  readonly dovecotDirectory: string;
  readonly postfixDirectory: string;
  /** Scheme, host and port of each service, as curl's URLs begin. */
  readonly origins: Readonly<Record<"imap" | "imaps" | "pop3" | "pop3s" | "smtp" | "smtps", string>>;
  stop(): Promise<void>;
}

/** With both mechanisms unless told otherwise. */
export async function startServers(
  shared: Shared,
  mechanisms?: readonly ("xoauth2" | "oauthbearer")[],
): Promise<Servers> {
  const { authority, introspectionUrl, openidConfigurationUrl } = shared;
  const dovecotDirectory = await createDirectory(shared);
  const postfixDirectory = await createDirectory(shared);
  const dovecot = await startDovecot({
    directory: dovecotDirectory,
    authority,
    introspectionUrl,
    openidConfigurationUrl,
    ...(mechanisms === undefined ? {} : { mechanisms }),
  });
  const postfix = await startPostfix({ directory: postfixDirectory, authority, dovecot, domain: DOMAIN });
  return {
    dovecot,
    postfix,
    dovecotDirectory,
    postfixDirectory,
    origins: {
      imap: `imap://localhost:${dovecot.imapPort}`,
      imaps: `imaps://localhost:${dovecot.imapsPort}`,
      pop3: `pop3://localhost:${dovecot.pop3Port}`,
      pop3s: `pop3s://localhost:${dovecot.pop3sPort}`,
      smtp: `smtp://localhost:${postfix.submissionPort}`,
      smtps: `smtps://localhost:${postfix.submissionsPort}`,
    },
    async stop() {
      await postfix.stop();
      await dovecot.stop();
    },
  };
}

/** One that introspection knows from now on. */
export function issueAccessToken(shared: Shared, address = ALICE): string {
  const accessToken = randomBytes(24).toString("base64url");
  shared.accessTokens.set(accessToken, address);
  return accessToken;
}

/** RFC 7662 and nothing more: knows the tokens of `accessTokens`, for a resource server that authenticates itself. */
async function startIntrospection(
  authority: TestAuthority,
  accessTokens: ReadonlyMap<string, string>,
): Promise<Server> {
  const { key, certificate } = await authority.issue(["localhost"]);
  const credentials = Buffer.from(`${CLIENT_ID}:${CLIENT_SECRET}`).toString("base64");
  const server = createServer({ key, cert: certificate }, async (request, response) => {
    const octets: Buffer[] = [];
    for await (const part of request) octets.push(part);
    if (request.method !== "POST" || request.headers.authorization !== `Basic ${credentials}`) {
      response.writeHead(401).end();
      return;
    }
    const accessToken = new URLSearchParams(Buffer.concat(octets).toString()).get("token") ?? "";
    const email = accessTokens.get(accessToken);
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify(email === undefined ? { active: false } : { active: true, email, scope: "mail" }),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server without a port");
  return address.port;
}
