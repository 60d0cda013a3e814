// Mail servers that speak as a recorded row says: greeting, capabilities, challenge and refusal in the provider's own words.
// Invariant: somebody is let in only by a SASL message that is, octet for octet, one of those that were handed in.
import type { IssuedCertificate } from "./authority.ts";
import type { ImapRecord, SmtpRecord } from "./preset-record.ts";
import {
  type Script,
  type ScriptedConnection,
  type ScriptedServer,
  startScriptedServer,
} from "./scripted-server.ts";

type Imap = Omit<ImapRecord, "failureReply" | "told">;
type Smtp = Omit<SmtpRecord, "failureReply" | "told">;

/** @param messages the SASL messages that open the mailbox */
export function startImapOf(
  record: Imap,
  messages: readonly string[],
  certificate: IssuedCertificate,
): Promise<ScriptedServer> {
  return startScriptedServer({ tls: certificate, script: imapScript(record, messages) });
}

export function startSmtpOf(
  record: Smtp,
  messages: readonly string[],
  certificate: IssuedCertificate,
): Promise<ScriptedServer> {
  const script = smtpScript(record, messages, certificate);
  return startScriptedServer(record.tls === "implicit" ? { tls: certificate, script } : { script });
}

function imapScript(record: Imap, messages: readonly string[]): Script {
  const words = record.capability.split(" ");
  const taken = [
    ...words.filter((word) => word.startsWith("AUTH=")).map((word) => word.slice("AUTH=".length)),
    ...(record.takesSilently ?? []),
  ];
  return async (connection) => {
    await connection.write(`${record.greeting}\r\n`);
    for (;;) {
      const [tag = "", verb = "", mechanism = "", initial] = (await connection.readLine()).split(" ");
      if (verb === "CAPABILITY") {
        await connection.write(`* CAPABILITY ${record.capability}\r\n${tag} OK CAPABILITY completed.\r\n`);
      } else if (verb !== "AUTHENTICATE" || (initial !== undefined && !words.includes("SASL-IR"))) {
        await connection.write(`${tag} BAD Command Argument Error. 11\r\n`);
      } else if (!taken.includes(mechanism)) {
        await connection.write(`${tag} NO [CANNOT] Unsupported authentication mechanism.\r\n`);
      } else {
        const message = initial ?? (await ask(connection, "+ "));
        if (isAmong(messages, message)) {
          for (const line of record.success) await connection.write(`${line.replace("{tag}", tag)}\r\n`);
        } else {
          if (record.challenge !== undefined) await ask(connection, `+ ${base64(record.challenge)}`);
          await connection.write(`${tag} ${record.refusal}\r\n`);
        }
      }
    }
  };
}

function smtpScript(record: Smtp, messages: readonly string[], certificate: IssuedCertificate): Script {
  return async (connection) => {
    let secure = record.tls === "implicit";
    await connection.write(`${record.greeting}\r\n`);
    for (;;) {
      const [verb = "", mechanism = "", ...more] = (await connection.readLine()).split(" ");
      const keywords = secure ? record.ehlo : (record.ehloInClear ?? []);
      if (verb === "EHLO") {
        await connection.write(
          keywords.map((line, place) => `250${place + 1 < keywords.length ? "-" : " "}${line}\r\n`).join(""),
        );
      } else if (verb === "STARTTLS" && keywords.includes("STARTTLS")) {
        await connection.write("220 2.0.0 SMTP server ready\r\n");
        await connection.startTls(certificate);
        secure = true;
      } else if (verb !== "AUTH" || more.length > 0) {
        await connection.write("500 5.5.1 Unrecognized command\r\n");
      } else if (!mechanismsIn(keywords).includes(mechanism)) {
        await connection.write("504 5.7.4 Unrecognized authentication type\r\n");
      } else if (isAmong(messages, await ask(connection, "334 "))) {
        await connection.write(`${record.success}\r\n`);
      } else {
        if (record.challenge !== undefined) await ask(connection, `334 ${base64(record.challenge)}`);
        await connection.write(`${record.refusal}\r\n`);
      }
    }
  };
}

function mechanismsIn(keywords: readonly string[]): string[] {
  return keywords.filter((line) => line.startsWith("AUTH ")).flatMap((line) => line.split(" ").slice(1));
}

async function ask(connection: ScriptedConnection, prompt: string): Promise<string> {
  await connection.write(`${prompt}\r\n`);
  return connection.readLine();
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const isAmong = (messages: readonly string[], given: string): boolean => messages.map(base64).includes(given);

/**
 * What the last connection heard, line by line. Tags are numbered: T1, T2. The octets are those of the wire, in clear
 * and inside TLS.
 */
export function heardBy(server: ScriptedServer): string[] {
  const text = server.connections.at(-1)?.received().toString("latin1") ?? "";
  if (text !== "" && !text.endsWith("\r\n")) throw new Error("it ends within a line");
  return text
    .split("\r\n")
    .slice(0, -1)
    .map((line) => line.replace(/^P[0-9a-f]{8}\.(\d+) /, "T$1 "));
}

/** The octets that a row's text stands for: ^A is the octet 1, ^0 the octet 0. */
export function octetsOf(text: string): string {
  return text.replaceAll("^A", "\x01").replaceAll("^0", "\0");
}

/** What a row says that Postern says, with the SASL message in it. */
export function linesOf({ says }: { readonly says: readonly string[] }, message: string): string[] {
  return says.map((line) => line.replace("{message}", base64(octetsOf(message))));
}
