// A town whose mail servers are Dovecot and Postfix: people come to it by the command line, sign in as a test has it, and
// write mail to themselves. Invariant: nobody comes twice; a local password is made once for each person.
import { randomBytes } from "node:crypto";
import type { AccountView } from "../../src/control/contract.ts";
import { PUBLIC_CLIENT_ID } from "./authorization-server.ts";
import { type InteractiveProgram, runInteractively } from "./interactive-program.ts";
import { curlFetchInbox, curlListMailboxes, curlSend, type LocalLogin } from "./mail-programs.ts";
import type { Person } from "./person.ts";
import { type Postern, type PosternOptions, startPostern } from "./postern.ts";
import { type MailServers, type RealServers, startRealServers } from "./real-servers.ts";
import { eventually } from "./town.ts";

export interface MailTown extends MailServers {
  /** The one that runs now: another after `restart`. */
  readonly postern: Postern;
  /** Somebody whom the authorization server knows, without an account here. */
  stranger(): Person;
  /** A stranger with an account that nobody has signed in to. Options of `account add` replace the usual ones. */
  newcomer(options?: Readonly<Record<string, string>>): Promise<Person>;
  /** `postern login EMAIL …`, on a machine without a display unless the environment says otherwise. */
  login(person: Person, words: readonly string[], env?: NodeJS.ProcessEnv): InteractiveProgram;
  /** The person writes to themselves, and finds what they wrote in their mailbox. Throws what the mail program said. */
  exchangeMail(person: Person): Promise<void>;
  /** What mail programs are told that log in by IMAP and by SMTP, with the right password or another. */
  answersTo(person: Person, password?: string): Promise<{ readonly imap: string; readonly smtp: string }>;
  statusOf(person: Person): Promise<AccountView["status"]>;
  restart(env?: NodeJS.ProcessEnv): Promise<void>;
}

export interface RealTown extends MailTown, RealServers {}

export interface RealTownOptions {
  /** How many people the authorization server knows; 12 unless told otherwise. */
  readonly people?: number;
  readonly postern?: Partial<PosternOptions>;
}

/** With oidc-provider for signing in. */
export async function startRealTown(options: RealTownOptions = {}): Promise<RealTown> {
  const people = createPeople(options.people ?? 12);
  const servers = await startRealServers({ people });
  return await settleTown(servers, {
    people,
    signIn: { "--issuer": servers.authorizationServer.issuer, "--client-id": PUBLIC_CLIENT_ID },
    ...(options.postern === undefined ? {} : { postern: options.postern }),
  });
}

export function createPeople(count: number): Person[] {
  return Array.from({ length: count }, (_, index) => ({
    email: `person${index + 1}@example.test`,
    password: `secret of person ${index + 1}`,
  }));
}

export interface Settlement {
  /** Those whom the authorization server knows. */
  readonly people: readonly Person[];
  /** What a newcomer tells `account add` about signing in. */
  readonly signIn: Readonly<Record<string, string>>;
  readonly postern?: Partial<PosternOptions>;
}

/** Starts Postern beside servers that run already; the town's `stop` ends them, too. */
export async function settleTown<Servers extends MailServers>(
  servers: Servers,
  options: Settlement,
): Promise<MailTown & Servers> {
  const { people } = options;
  let postern = await startPostern({ authority: servers.authority, ...options.postern });
  let strangers = 0;
  const passwords = new Map<string, Promise<string>>();

  const localPassword = ({ email }: Person): Promise<string> => {
    const made = passwords.get(email) ?? postern.createPassword(email);
    passwords.set(email, made);
    return made;
  };
  const loginAt = (port: number, { email }: Person, password: string): LocalLogin => ({
    port,
    user: email,
    password,
  });

  const town: MailTown & Servers = {
    ...servers,
    get postern() {
      return postern;
    },
    stranger() {
      const person = people[strangers];
      strangers += 1;
      if (person === undefined) throw new Error("the town is full: ask for more people");
      return person;
    },
    async newcomer(changes = {}) {
      const person = town.stranger();
      const words = {
        ...options.signIn,
        "--imap": `localhost:${servers.dovecot.imapsPort}`,
        "--imap-tls": "implicit",
        "--smtp": `localhost:${servers.postfix.submissionPort}`,
        "--smtp-tls": "starttls",
        ...changes,
      };
      await postern.json("account", "add", person.email, ...Object.entries(words).flat());
      return person;
    },
    login: ({ email }, words, env = {}) =>
      runInteractively(["login", email, ...words], {
        ...postern.env,
        DISPLAY: "",
        WAYLAND_DISPLAY: "",
        ...env,
      }),
    async exchangeMail(person) {
      const password = await localPassword(person);
      const body = `written by a person\r\n${randomBytes(30).toString("hex")}\r\n`;
      const sent = await curlSend(loginAt(postern.smtpPort, person, password), {
        from: person.email,
        to: [person.email],
        message: `From: ${person.email}\r\nTo: ${person.email}\r\nSubject: to myself\r\n\r\n${body}`,
      });
      if (sent.exitCode !== 0) throw new Error(`not sent:\n${sent.stderr}`);
      await eventually(async () => {
        const inbox = await curlFetchInbox(loginAt(postern.imapPort, person, password));
        if (inbox.exitCode !== 0) throw new Error(`not read:\n${inbox.stderr}`);
        return inbox.messages.some((message) => message.toString("latin1").endsWith(`\r\n\r\n${body}`));
      });
    },
    async answersTo(person, given) {
      const password = given ?? (await localPassword(person));
      const [imap, smtp] = await Promise.all([
        curlListMailboxes(loginAt(postern.imapPort, person, password)),
        curlSend(loginAt(postern.smtpPort, person, password), {
          from: person.email,
          to: [person.email],
          message: "Subject: a try\r\n\r\n",
        }),
      ]);
      return {
        imap: lines(imap.stderr, /^< (?:A\d+ |\* BYE).*$/gm).at(-1) ?? imap.stderr,
        // The first refusal: an outage may be told only after the login.
        smtp: lines(smtp.stderr, /^< [45]\d\d .*$/gm).at(0) ?? lines(smtp.stderr, /^< .*$/gm).at(-1) ?? "",
      };
    },
    async statusOf({ email }) {
      const { accounts } = await postern.json("status");
      const account = accounts.find((one: AccountView) => one.email === email);
      if (account === undefined) throw new Error(`status does not name ${email}`);
      return account.status;
    },
    async restart(env) {
      postern = await postern.restart(env);
    },
    async stop() {
      await postern.remove();
      await servers.stop();
    },
  };
  return town;
}

/** Of curl's transcript, without its mark and without IMAP tags. */
function lines(transcript: string, pattern: RegExp): readonly string[] {
  const found = transcript.replaceAll("\r", "").match(pattern) ?? [];
  return found.map((line) => line.replace(/^< (?:A\d+ )?/, ""));
}
