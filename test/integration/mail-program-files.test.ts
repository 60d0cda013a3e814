// The files that a person downloads for mutt, msmtp and mbsync, read by those programs themselves: whatever stands in an address
// or a password, it is what arrives at the port.
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { systemClock } from "../../src/clock/clock.ts";
import { PosternError } from "../../src/errors/postern-error.ts";
import { runImapSession } from "../../src/mail/imap/session.ts";
import type { LocalCredentials } from "../../src/mail/sasl/plain.ts";
import { runSmtpSession } from "../../src/mail/smtp/session.ts";
import { createWire } from "../../src/mail/wire/wire.ts";
import { filesOf, type ProgramFile } from "../../src/mail-program/files.ts";
import type { LocalAccess } from "../../src/mail-program/local-access.ts";
import { mbsyncFolder } from "../../src/mail-program/mbsyncrc.ts";
import type { Protocol } from "../../src/mail-program/program.ts";
import { describeWithRealServers } from "../support/real-servers.ts";
import { type ProgramResult, runProgram } from "../support/run-program.ts";

/** What the files must survive. */
const LOGINS = [
  { user: "alice@example.test", password: "k7dq-m2xw-9fhp-3rtz" },
  { user: "alice+lists@example.test", password: "two words" },
  { user: "o'brien@example.test", password: "it's" },
  { user: 'quoted"name@example.test', password: '"' },
  { user: "back\\slash@example.test", password: "\\" },
  { user: "100%U@example.test", password: "%U%H" },
  { user: "$HOME`id`@example.test", password: "$PATH`id`#;" },
  { user: "#hash;semicolon@example.test", password: " spaces around " },
  { user: "アリス@example.test", password: "パスワード" },
] as const;

const MESSAGE = "From: somebody@example.test\nTo: bob@example.test\nSubject: hello\n\nhello\n";

describeWithRealServers("the files for mutt, msmtp and mbsync", () => {
  let ports: Ports;
  let home: string;

  beforeAll(async () => {
    ports = await startPorts();
  });
  afterAll(() => ports.close());
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "mail-program-"));
    ports.logins.length = 0;
  });
  afterEach(async () => {
    await rm(home, { recursive: true, force: true });
  });

  it.each(LOGINS)("msmtp logs in as $user with $password", async ({ user, password }) => {
    const file = await save("msmtprc", user, password);
    const sent = await run(
      "msmtp",
      ["--file", file, "--from", "a@example.test", "bob@example.test"],
      MESSAGE,
    );
    expect(sent.stderr).toContain("450 4.4.1");
    expect(ports.logins[0]).toEqual({ protocol: "smtp", user, password });
  });

  it.each(LOGINS)("mbsync logs in as $user with $password", async ({ user, password }) => {
    const file = await save("mbsyncrc", user, password);
    await mkdir(join(home, mbsyncFolder({ email: user }).slice(2)), { recursive: true });
    await run("mbsync", ["--config", file, "--list", "--all"]);
    expect(ports.logins[0]).toEqual({ protocol: "imap", user, password });
  });

  it.each(LOGINS)("mutt sends as $user with $password", async ({ user, password }) => {
    const file = await save("muttrc", user, password);
    const draft = join(home, "draft");
    await writeFile(draft, MESSAGE);
    await run("mutt", ["-F", file, "-e", "set copy=no", "-H", draft]);
    expect(ports.logins[0]).toEqual({ protocol: "smtp", user, password });
  });

  it.each(LOGINS)("mutt reads as $user with $password", async ({ user, password }) => {
    const file = await save("muttrc", user, password);
    const command = `exec mutt -F '${file}' -R -z -e "set sleep_time=0 quit=yes move=no" -e "push <quit>"`;
    await run("script", ["--quiet", "--return", "--command", command, "/dev/null"]);
    expect(ports.logins[0]).toEqual({ protocol: "imap", user, password });
  });

  async function save(kind: ProgramFile["kind"], user: string, password: string): Promise<string> {
    const access: LocalAccess = {
      email: user,
      userName: user,
      imap: { host: "127.0.0.1", port: ports.imap },
      smtp: { host: "127.0.0.1", port: ports.smtp },
    };
    const file = filesOf("mutt", access, password).find((one) => one.kind === kind);
    if (file === undefined) throw new Error(`there is no ${kind}`);
    const path = join(home, kind);
    await writeFile(path, file.text, { mode: 0o600 });
    return path;
  }

  function run(program: string, args: readonly string[], input?: string): Promise<ProgramResult> {
    return runProgram(program, args, {
      environment: { HOME: home, TERM: "xterm", SHELL: "/bin/sh", USER: "nobody" },
      ...(input === undefined ? {} : { input }),
      timeout: 10_000,
    });
  }
});

interface Ports {
  readonly imap: number;
  readonly smtp: number;
  /** Every login that was tried, in order. */
  readonly logins: { protocol: Protocol; user: string; password: string }[];
  close(): Promise<void>;
}

/** Postern's own two ports, up to the login; behind it no mail server answers. */
async function startPorts(): Promise<Ports> {
  const logins: Ports["logins"] = [];
  const sockets = new Set<Socket>();
  const note = (protocol: Protocol, { authcid, localPassword }: LocalCredentials): void => {
    logins.push({ protocol, user: authcid, password: localPassword.reveal() });
  };
  const unreachable = (): never => {
    throw new PosternError("upstream-unreachable");
  };
  const imap = await listen(sockets, (socket) =>
    runImapSession({
      wire: createWire(socket, systemClock),
      async logIn(credentials) {
        note("imap", credentials);
        return unreachable();
      },
    }),
  );
  const smtp = await listen(sockets, (socket) =>
    runSmtpSession({
      wire: createWire(socket, systemClock),
      strict: false,
      keywords: async () => [],
      checkLocalPassword: async (credentials) => note("smtp", credentials),
      openUpstream: async () => unreachable(),
    }),
  );
  return {
    imap: (imap.address() as AddressInfo).port,
    smtp: (smtp.address() as AddressInfo).port,
    logins,
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([imap, smtp].map((server) => once(server.close(), "close")));
    },
  };
}

async function listen(sockets: Set<Socket>, serve: (socket: Socket) => Promise<unknown>): Promise<Server> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    void serve(socket).finally(() => socket.end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}
