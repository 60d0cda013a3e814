// A town in which everybody does what a test's script says: the authorization server, and the mail servers, which let in
// whom they are told to. Postern is the real program.
// Invariant: nothing here signs in anybody by itself.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ControlClient, connectToDaemon } from "../../src/control/client.ts";
import type { AccountView } from "../../src/control/contract.ts";
import { createTestAuthority, type IssuedCertificate, type TestAuthority } from "./authority.ts";
import { type InteractiveProgram, runInteractively } from "./interactive-program.ts";
import { signInAs } from "./person.ts";
import { type Postern, startPostern } from "./postern.ts";
import type { LocalLogin } from "./raw-client.ts";
import type { ProgramResult } from "./run-program.ts";
import {
  type AuthorizationServerScript,
  type ScriptedAuthorizationServer,
  startScriptedAuthorizationServer,
} from "./scripted-authorization-server.ts";
import { type ScriptedServer, startScriptedServer } from "./scripted-server.ts";
import { imapUpstream, smtpUpstream, type UpstreamLogin } from "./scripted-upstream.ts";

export interface ScriptedTown {
  readonly authority: TestAuthority;
  /** For localhost and 127.0.0.1. */
  readonly certificate: IssuedCertificate;
  readonly server: ScriptedAuthorizationServer;
  /** The one that runs now; a test that starts another one puts it here. */
  postern: Postern;
  readonly imap: Mailboxes;
  readonly smtp: Mailboxes;
  /** `account add` with the scripted servers; options that are undefined are left out. */
  add(email: string, changes?: Readonly<Record<string, string | undefined>>): Promise<void>;
  /** Comes back from the browser to a sign-in that has said where to go; gives the page that Postern shows. */
  visit(authorizationUrl: string): Promise<string>;
  /** Signs in by `postern login`, words added, and gives how it ended. */
  logIn(email: string, ...words: string[]): Promise<ProgramResult>;
  /** The control API of the Postern that runs now: quicker than its command line. */
  control(): Promise<ControlClient>;
  show(email: string): Promise<AccountView>;
  createPassword(email: string): Promise<LocalLogin>;
  /** Starts Postern again, having changed its files in between. */
  restart(between?: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** A mail server: whom it lets in, and who has tried. */
export interface Mailboxes {
  readonly server: ScriptedServer;
  readonly port: number;
  readonly logins: UpstreamLogin[];
  /** SASL user names; undefined for everybody. */
  known: readonly string[] | undefined;
}

export async function startScriptedTown(script: AuthorizationServerScript = {}): Promise<ScriptedTown> {
  const authority = await createTestAuthority();
  const certificate = await authority.issue(["localhost", "127.0.0.1"]);
  const server = await startScriptedAuthorizationServer(certificate, script);
  const imap = await startMailboxes(certificate, imapUpstream);
  const smtp = await startMailboxes(certificate, smtpUpstream);
  const town: ScriptedTown = {
    authority,
    certificate,
    server,
    imap,
    smtp,
    postern: await startPostern({ authority }),
    async add(email, changes = {}) {
      const words: Readonly<Record<string, string | undefined>> = {
        "--issuer": server.issuer,
        "--client-id": "postern-test",
        "--scope": "openid email offline_access",
        "--imap": `localhost:${imap.port}`,
        "--imap-tls": "implicit",
        "--smtp": `localhost:${smtp.port}`,
        "--smtp-tls": "implicit",
        ...changes,
      };
      const given = Object.entries(words).flatMap(([name, value]) =>
        value === undefined ? [] : [name, value],
      );
      await town.postern.json("account", "add", email, ...given);
    },
    async visit(authorizationUrl) {
      // Nobody is asked for a password here.
      return (await signInAs(authorizationUrl, { email: "", password: "" }, authority)).body;
    },
    async logIn(email, ...words) {
      const program = runInteractively(["login", email, "--no-open", ...words], town.postern.env);
      await town.visit(await authorizationUrlOf(program));
      return program.finished;
    },
    control: () => connectToDaemon(join(town.postern.home, "control.json")),
    show: async (email) => (await town.control()).call("account.show", { email }),
    async createPassword(email) {
      const { password } = await (await town.control()).call("password.create", { email, name: "test" });
      return { email, password };
    },
    async restart(between) {
      const { folder } = town.postern;
      await town.postern.stop();
      await between?.();
      town.postern = await startPostern({ authority, folder });
    },
    async close() {
      await town.postern.remove();
      await Promise.all([imap.server.close(), smtp.server.close(), server.close()]);
    },
  };
  return town;
}

/** The address that a `postern login` has printed, alone on its line or in JSON. */
export async function authorizationUrlOf(program: Pick<InteractiveProgram, "said">): Promise<string> {
  return (await program.said(/https:[^\s"]+(?=[\s"])/))[0];
}

/** Edits config.json or state.json as a hand, or another program, would. */
export async function editJson(
  home: string,
  file: "config.json" | "state.json",
  // biome-ignore lint/suspicious/noExplicitAny: it is there to write what the program never would.
  edit: (document: any) => void,
): Promise<void> {
  const path = join(home, file);
  const document = JSON.parse(await readFile(path, "utf8"));
  edit(document);
  await writeFile(path, JSON.stringify(document));
}

async function startMailboxes(
  certificate: IssuedCertificate,
  script: typeof imapUpstream,
): Promise<Mailboxes> {
  const logins: UpstreamLogin[] = [];
  const accept = ({ user }: { user: string }): boolean => mailboxes.known?.includes(user) ?? true;
  const server = await startScriptedServer({ tls: certificate, script: script({ logins, accept }) });
  const mailboxes: Mailboxes = { server, port: server.port, logins, known: undefined };
  return mailboxes;
}
