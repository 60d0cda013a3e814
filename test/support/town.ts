// Everything that a test of failures needs at once: an authority, an authorization server with people, the real program,
// and well-behaved mail servers. Invariant: an account that is made here is signed in, with a local password.

import { connectToDaemon } from "../../src/control/client.ts";
import type { AccountView } from "../../src/control/contract.ts";
import { createTestAuthority, type IssuedCertificate, type TestAuthority } from "./authority.ts";
import {
  type AuthorizationServer,
  PUBLIC_CLIENT_ID,
  startAuthorizationServer,
} from "./authorization-server.ts";
import { beginSignIn } from "./control-sign-in.ts";
import { type Person, signInAs } from "./person.ts";
import { type Postern, type PosternOptions, startPostern } from "./postern.ts";
import type { LocalLogin } from "./raw-client.ts";
import { type ScriptedServer, startScriptedServer } from "./scripted-server.ts";
import { imapUpstream, smtpUpstream, type UpstreamLogin } from "./scripted-upstream.ts";

export interface MailEndpoint {
  readonly port: number;
  readonly host?: string;
  readonly tls?: "implicit" | "starttls";
}

export interface Town {
  readonly authority: TestAuthority;
  /** For localhost and 127.0.0.1, vouched for by the authority. */
  readonly certificate: IssuedCertificate;
  readonly authorizationServer: AuthorizationServer;
  readonly postern: Postern;
  /** Well-behaved, inside TLS. Every attempt to log in at one of them is in `logins`. */
  readonly imap: ScriptedServer;
  readonly smtp: ScriptedServer;
  readonly logins: UpstreamLogin[];
  /** An account of a person whom nobody else has used, at these servers or at the well-behaved ones. */
  resident(at?: ResidentOptions): Promise<LocalLogin>;
  /** `postern status --json`, of one account. */
  statusOf(email: string): Promise<AccountView["status"]>;
  close(): Promise<void>;
}

export interface ResidentOptions {
  readonly imap?: MailEndpoint;
  readonly smtp?: MailEndpoint;
  readonly mechanism?: "auto" | "xoauth2" | "oauthbearer";
}

export interface TownOptions {
  /** How many people the authorization server knows; 40 unless told otherwise. */
  readonly people?: number;
  readonly accessTokenSeconds?: number;
  readonly postern?: Partial<PosternOptions>;
}

export async function startTown(options: TownOptions = {}): Promise<Town> {
  const people: Person[] = Array.from({ length: options.people ?? 40 }, (_, index) => ({
    email: `resident${index + 1}@example.test`,
    password: `secret of resident ${index + 1}`,
  }));
  const authority = await createTestAuthority();
  const certificate = await authority.issue(["localhost", "127.0.0.1"]);
  const authorizationServer = await startAuthorizationServer({
    authority,
    people,
    ...(options.accessTokenSeconds === undefined ? {} : { accessTokenSeconds: options.accessTokenSeconds }),
  });
  const logins: UpstreamLogin[] = [];
  const imap = await startScriptedServer({ tls: certificate, script: imapUpstream({ logins }) });
  const smtp = await startScriptedServer({ tls: certificate, script: smtpUpstream({ logins }) });
  const postern = await startPostern({ authority, ...options.postern });
  let next = 0;

  return {
    authority,
    certificate,
    authorizationServer,
    postern,
    imap,
    smtp,
    logins,
    async resident(at = {}) {
      const person = people[next];
      next += 1;
      if (person === undefined) throw new Error("the town is full: ask for more people");
      const control = await connectToDaemon(`${postern.home}/control.json`);
      await control.call("account.add", {
        settings: {
          kind: "oauth",
          email: person.email,
          issuer: authorizationServer.issuer,
          clientId: PUBLIC_CLIENT_ID,
          scope: "openid email offline_access",
          redirectUri: "http://127.0.0.1/callback",
          imap: { host: "localhost", tls: "implicit", ...(at.imap ?? { port: imap.port }) },
          smtp: { host: "localhost", tls: "implicit", ...(at.smtp ?? { port: smtp.port }) },
          mechanism: at.mechanism ?? "auto",
        },
      });
      const { attemptId, authorizationUrl } = await beginSignIn(control, person.email);
      const [answer] = await Promise.all([
        signInAs(authorizationUrl, person, authority),
        control.call("sign-in.wait", { attemptId }),
      ]);
      if (answer.status !== 200) throw new Error(`the sign-in ended with ${answer.status}`);
      const { password } = await control.call("password.create", { email: person.email, name: "test" });
      return { email: person.email, password };
    },
    async statusOf(email) {
      const snapshot = await postern.json("status");
      const account = snapshot.accounts.find((one: AccountView) => one.email === email);
      if (account === undefined) throw new Error(`status does not name ${email}`);
      return account.status;
    },
    async close() {
      await postern.remove();
      await Promise.all([imap.close(), smtp.close(), authorizationServer.close()]);
    },
  };
}

/** Asks again and again until the answer is right: for what a foreign program does in its own time. */
export async function eventually(check: () => boolean | Promise<boolean>, deadline = 10_000): Promise<void> {
  const end = Date.now() + deadline;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`not within ${deadline} ms: ${check}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Resolves when this account's access token has expired, so that its next login needs another. */
export async function accessTokenExpired({ postern }: Town, { email }: LocalLogin): Promise<void> {
  await eventually(async () => {
    const { accessTokenExpiresAt } = await postern.json("account", "show", email);
    return accessTokenExpiresAt !== undefined && accessTokenExpiresAt <= Date.now();
  });
}
