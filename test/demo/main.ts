// `npm run demo`: the main job on this machine alone. A provider that accepts only OAuth, Postern in front of it, and two
// ordinary mail programs (nodemailer and imapflow) that know only user name and password.
// Invariant: everything shown has just happened; nothing leaves this machine; Ctrl-C leaves nothing behind.
import { once } from "node:events";
import { connect } from "node:net";
import { ImapFlow } from "imapflow";
import { createTransport } from "nodemailer";
import { createTestAuthority } from "../support/authority.ts";
import { PUBLIC_CLIENT_ID, startAuthorizationServer } from "../support/authorization-server.ts";
import { ALICE } from "../support/person.ts";
import { type Postern, startPostern } from "../support/postern.ts";
import { startDemoMailbox } from "./mailbox/mailbox.ts";
import { createNarrator } from "./narrator.ts";

const keep = process.argv.includes("--keep");
const { step, tell, done } = createNarrator(process.stdout);

const authority = await createTestAuthority();
const cleanUp: (() => Promise<unknown>)[] = [];
try {
  await main();
} catch (thrown) {
  tell(`\nThe demo failed: ${thrown instanceof Error ? thrown.stack : String(thrown)}`);
  process.exitCode = 1;
} finally {
  for (const clean of cleanUp.reverse()) await clean();
}

async function main(): Promise<void> {
  step("Starting a provider that accepts only OAuth");
  const authorizationServer = await startAuthorizationServer({
    authority,
    people: [ALICE],
    accessTokenSeconds: 60,
  });
  cleanUp.push(() => authorizationServer.close());
  const mailbox = await startDemoMailbox({
    ...(await authority.issue(["localhost", "127.0.0.1"])),
    users: [ALICE.email],
    checkToken: authorizationServer.checkToken,
  });
  cleanUp.push(() => mailbox.close());
  tell(`authorization server  ${authorizationServer.issuer}`);
  tell(
    `its mailbox           IMAP localhost:${mailbox.imapPort}, SMTP localhost:${mailbox.smtpPort}, both TLS`,
  );

  step("Starting Postern");
  const postern = await startPostern({ authority, serve: (await usualPortsAreFree()) ? [] : ANY_PORTS });
  cleanUp.push(() => postern.remove());
  tell(`IMAP  127.0.0.1:${postern.imapPort}`);
  tell(`SMTP  127.0.0.1:${postern.smtpPort}`);

  step(`postern account add ${ALICE.email} …`);
  await postern.addAccount(ALICE.email, {
    issuer: authorizationServer.issuer,
    clientId: PUBLIC_CLIENT_ID,
    imap: { port: mailbox.imapPort, tls: "implicit" },
    smtp: { port: mailbox.smtpPort, tls: "implicit" },
  });

  step(`postern login ${ALICE.email} --no-open`);
  tell("a scripted browser opens the address, types Alice's password at the provider, and presses Allow");
  const signedIn = await postern.signIn(ALICE);
  if (signedIn.exitCode !== 0) throw new Error(signedIn.stderr);
  tell((signedIn.stdout.split("\n")[1] ?? "").replace(/ Next.*/, ""));

  step(`postern password create ${ALICE.email} --name demo`);
  const password = await postern.createPassword(ALICE.email, "demo");
  tell(`${password}  (a local password: it opens this port on this machine, and nothing at the provider)`);

  step("An ordinary mail program sends a message, with that password");
  const subject = `Through the side door at ${new Date().toISOString()}`;
  tell((await send(postern, password, subject)).trim());

  step("Another one reads it back, with that password");
  tell(`Subject: ${await read(postern, password)}`);

  step("What the provider saw");
  for (const { protocol, mechanism, user, accepted } of mailbox.logins) {
    tell(`${protocol.toUpperCase()} login by ${mechanism} for ${user}: ${accepted ? "accepted" : "refused"}`);
  }
  tell(`token requests: ${authorizationServer.tokenRequests()}; passwords: none`);
  done("Sent and read with an ordinary password; the provider saw only OAuth.");

  if (keep) await stayUp(postern, password);
}

async function send(postern: Postern, password: string, subject: string): Promise<string> {
  const transport = createTransport({
    host: "127.0.0.1",
    port: postern.smtpPort,
    secure: false,
    ignoreTLS: true,
    auth: { user: ALICE.email, pass: password },
  });
  const text = "Sent by a program that only knows user name and password.";
  const { response } = await transport.sendMail({ from: ALICE.email, to: ALICE.email, subject, text });
  transport.close();
  return response;
}

/** The subject of the newest message in the INBOX. */
async function read(postern: Postern, password: string): Promise<string> {
  const client = new ImapFlow({
    host: "127.0.0.1",
    port: postern.imapPort,
    secure: false,
    auth: { user: ALICE.email, pass: password },
    logger: false,
  });
  await client.connect();
  await client.mailboxOpen("INBOX");
  const message = await client.fetchOne("*", { envelope: true });
  await client.logout();
  if (!message) throw new Error("the INBOX is empty");
  return message.envelope?.subject ?? "";
}

async function stayUp(postern: Postern, password: string): Promise<void> {
  tell(`\nThis stays up for a mail program of your own, until Ctrl-C:

  User name  ${ALICE.email}
  Password   ${password}
  IMAP       127.0.0.1 port ${postern.imapPort}, no encryption
  SMTP       127.0.0.1 port ${postern.smtpPort}, no encryption

Or ask Postern itself, in another terminal:

  POSTERN_HOME=${postern.home} npx postern status
`);
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
}

const ANY_PORTS = ["--imap-port", "0", "--smtp-port", "0"];

/** Whether nobody listens on Postern's usual ports: a Postern that runs already must not be disturbed. */
async function usualPortsAreFree(): Promise<boolean> {
  const taken = await Promise.all(
    [2143, 2587].map(async (port) => {
      const socket = connect(port, "127.0.0.1");
      const answer = await Promise.race([
        once(socket, "connect").then(() => true),
        once(socket, "error").then(() => false),
      ]).catch(() => false);
      socket.destroy();
      return answer;
    }),
  );
  return !taken.includes(true);
}
