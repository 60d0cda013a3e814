// Ready-made scripts of well-behaved mail servers: they let a token in, or not, and then do as they are told.
// Invariant: only XOAUTH2 and OAUTHBEARER let anybody in, and each attempt is noted down with its token.
import type { Script, ScriptedConnection } from "./scripted-server.ts";

export interface UpstreamLogin {
  readonly mechanism: string;
  readonly user: string;
  readonly accessToken: string;
  readonly accepted: boolean;
}

export interface UpstreamOptions {
  /** Whether a token is good; every one unless told otherwise. */
  accept?(login: { user: string; accessToken: string; attempt: number }): boolean | Promise<boolean>;
  /** Each attempt is added here. */
  readonly logins?: UpstreamLogin[];
  /** IMAP: the completion of a refused AUTHENTICATE without its tag. SMTP: the reply of a refused AUTH. */
  readonly refusal?: string;
  /** The failure challenge before the refusal; none (as Microsoft's servers do) when it is "". */
  readonly challenge?: string;
  /** What the server says before the login and after it. */
  readonly capabilities?: string;
  readonly capabilitiesAfter?: string;
  /** Takes the connection over after the login. */
  afterLogin?(connection: ScriptedConnection): Promise<void>;
}

const CHALLENGE = JSON.stringify({ status: "invalid_token", scope: "mail" });

/** An IMAP server. Without `afterLogin` it completes every command with OK, and LOGOUT with BYE. */
export function imapUpstream(options: UpstreamOptions = {}): Script {
  const {
    capabilities = "IMAP4rev1 SASL-IR AUTH=XOAUTH2 AUTH=OAUTHBEARER",
    capabilitiesAfter = "IMAP4rev1 IDLE LITERAL+ UIDPLUS",
  } = options;
  return async (connection) => {
    await connection.write(`* OK [CAPABILITY ${capabilities}] scripted\r\n`);
    for (;;) {
      const [tag = "", verb = "", mechanism = "", initialResponse] = (await connection.readLine()).split(" ");
      if (/^CAPABILITY$/i.test(verb)) {
        await connection.write(`* CAPABILITY ${capabilities}\r\n${tag} OK done\r\n`);
        continue;
      }
      if (!/^AUTHENTICATE$/i.test(verb)) {
        await connection.write(`${tag} BAD only AUTHENTICATE here\r\n`);
        continue;
      }
      if (initialResponse === undefined) await connection.write("+ \r\n");
      const message = initialResponse ?? (await connection.readLine());
      if (await isAccepted(options, mechanism, message)) {
        await connection.write(`${tag} OK [CAPABILITY ${capabilitiesAfter}] in\r\n`);
        return (options.afterLogin ?? answerImapCommands)(connection);
      }
      if (options.challenge !== "") {
        await connection.write(`+ ${base64(options.challenge ?? CHALLENGE)}\r\n`);
        await connection.readLine();
      }
      await connection.write(`${tag} ${options.refusal ?? "NO [AUTHENTICATIONFAILED] not this token"}\r\n`);
    }
  };
}

export async function answerImapCommands(connection: ScriptedConnection): Promise<void> {
  for (;;) {
    const [tag = "", verb = ""] = (await connection.readLine()).split(" ");
    if (/^LOGOUT$/i.test(verb)) return connection.end(`* BYE bye\r\n${tag} OK done\r\n`);
    await connection.write(`${tag} OK ${verb} done\r\n`);
  }
}

/** A submission server. Without `afterLogin` it takes every message, and QUIT. */
export function smtpUpstream(options: UpstreamOptions = {}): Script {
  const { capabilities = "SIZE 10000000\nPIPELINING\n8BITMIME\nAUTH XOAUTH2 OAUTHBEARER" } = options;
  return async (connection) => {
    await connection.write("220 scripted ESMTP\r\n");
    for (;;) {
      const [verb = "", mechanism = "", initialResponse] = (await connection.readLine()).split(" ");
      if (/^EHLO$/i.test(verb)) {
        await connection.write(formatEhlo(capabilities));
        continue;
      }
      if (/^QUIT$/i.test(verb)) return connection.end("221 2.0.0 bye\r\n");
      if (!/^AUTH$/i.test(verb)) {
        await connection.write("530 5.7.0 only AUTH here\r\n");
        continue;
      }
      if (initialResponse === undefined) await connection.write("334 \r\n");
      const message = initialResponse ?? (await connection.readLine());
      if (await isAccepted(options, mechanism, message)) {
        await connection.write("235 2.7.0 in\r\n");
        return (options.afterLogin ?? answerSmtpCommands)(connection);
      }
      if (options.challenge !== "") {
        await connection.write(`334 ${base64(options.challenge ?? CHALLENGE)}\r\n`);
        await connection.readLine();
      }
      await connection.write(`${options.refusal ?? "535 5.7.8 not this token"}\r\n`);
    }
  };
}

export async function answerSmtpCommands(connection: ScriptedConnection): Promise<void> {
  for (;;) {
    const verb = (await connection.readLine()).split(" ", 1)[0] ?? "";
    switch (verb.toUpperCase()) {
      case "QUIT":
        return connection.end("221 2.0.0 bye\r\n");
      case "DATA":
        await connection.write("354 go on\r\n");
        while ((await connection.readLine()) !== ".");
        await connection.write("250 2.0.0 taken\r\n");
        break;
      default:
        await connection.write(`250 2.0.0 ${verb} done\r\n`);
    }
  }
}

/** A server that says `greeting` (Latin-1), then nothing more, and reads on. */
export function greetOnly(greeting: string): Script {
  return async (connection) => {
    await connection.write(Buffer.from(greeting, "latin1"));
    for (;;) await connection.readLine();
  };
}

/** A multi-line EHLO reply of `capabilities`, one a line. */
export function formatEhlo(capabilities: string): string {
  const lines = ["scripted", ...capabilities.split("\n")];
  return lines.map((line, place) => `250${place === lines.length - 1 ? " " : "-"}${line}\r\n`).join("");
}

/** Whether a log has a SASL message with a token in it, whole or in base64. */
export function carriesToken(octets: Buffer): boolean {
  const text = octets.toString("latin1");
  const words = text.match(/[A-Za-z0-9+/]{16,}=*/g) ?? [];
  return /Bearer/i.test(text) || words.some((word) => /Bearer/i.test(Buffer.from(word, "base64").toString()));
}

async function isAccepted(options: UpstreamOptions, mechanism: string, message: string): Promise<boolean> {
  const login = parseMessage(mechanism, message);
  const attempt = (options.logins?.length ?? 0) + 1;
  const accepted = await (options.accept?.({ ...login, attempt }) ?? true);
  options.logins?.push({ mechanism, ...login, accepted });
  return accepted;
}

function parseMessage(mechanism: string, message: string): { user: string; accessToken: string } {
  const text = Buffer.from(message, "base64").toString();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: both mechanisms end their fields with it.
  const pattern = mechanism === "XOAUTH2" ? /^user=([^\x01]+)\x01/ : /^n,a=([^\x01]+),\x01/;
  const user = pattern.exec(text)?.[1];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
  const accessToken = /\x01auth=Bearer ([^\x01]+)\x01\x01$/.exec(text)?.[1];
  if (user === undefined || accessToken === undefined) throw new Error(`not a ${mechanism} message`);
  return { user, accessToken };
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");
