// Mail servers of a provider that takes passwords, by PLAIN and LOGIN: they know their people, and note down who tries.
// Invariant: a password is taken by whatever way it is sent, announced or not, and noted down with that way.
import type { IssuedCertificate } from "./authority.ts";
import {
  type Script,
  type ScriptedConnection,
  type ScriptedServer,
  startScriptedServer,
} from "./scripted-server.ts";
import { answerImapCommands, answerSmtpCommands, formatEhlo } from "./scripted-upstream.ts";

export interface PasswordLogin {
  readonly protocol: "imap" | "smtp";
  /** "LOGIN command" is IMAP's own (RFC 9051 §6.2.3), without SASL. */
  readonly way: "PLAIN" | "LOGIN" | "LOGIN command" | "token";
  readonly user: string;
  readonly password: string;
  readonly accepted: boolean;
}

/** What a server does, as it is at the moment: a test may change it between two connections. */
export interface PasswordServerBehaviour {
  /** What is announced for AUTH. */
  mechanisms: readonly string[];
  /** IMAP: whether SASL-IR (RFC 4959) is announced. */
  initialResponse: boolean;
  /** Whether it lets in whom it knows. */
  accepts: boolean;
  /** What a refusal says, without IMAP's tag; undefined refuses in the usual words. */
  refusal: ((login: { readonly user: string; readonly password: string }) => string) | undefined;
  /** Resolves when a login may be judged. */
  hold: Promise<void> | undefined;
}

export interface PasswordServer extends ScriptedServer {
  readonly tls: "implicit" | "starttls";
  readonly behaviour: PasswordServerBehaviour;
}

export interface PasswordProvider {
  readonly imap: PasswordServer;
  readonly smtp: PasswordServer;
  /** Whom it lets in. */
  readonly people: Map<string, string>;
  /** Every attempt, in order. */
  readonly logins: PasswordLogin[];
  /** For `account.add`. */
  settings(email: string): PasswordAccountSettings;
  close(): Promise<void>;
}

export interface PasswordAccountSettings {
  readonly kind: "password";
  readonly email: string;
  readonly imap: { readonly host: string; readonly port: number; readonly tls: "implicit" | "starttls" };
  readonly smtp: { readonly host: string; readonly port: number; readonly tls: "implicit" | "starttls" };
}

export interface PasswordProviderOptions {
  readonly certificate: IssuedCertificate;
  readonly people?: Readonly<Record<string, string>>;
  readonly mechanisms?: readonly string[];
  readonly initialResponse?: boolean;
  /** Implicit unless told otherwise; "stripped": announces no STARTTLS, and speaks in clear. */
  readonly tls?: "implicit" | "starttls" | "stripped";
}

/** What one of the two protocols' servers is made of. */
interface ServerParts {
  readonly behaviour: PasswordServerBehaviour;
  /** Undefined where STARTTLS is not there. */
  readonly upgrade: IssuedCertificate | undefined;
  judge(attempt: Omit<PasswordLogin, "protocol" | "accepted">): Promise<boolean>;
}

export async function startPasswordProvider(options: PasswordProviderOptions): Promise<PasswordProvider> {
  const { certificate, tls = "implicit" } = options;
  const people = new Map(Object.entries(options.people ?? {}));
  const logins: PasswordLogin[] = [];

  async function start(
    protocol: "imap" | "smtp",
    scriptOf: (parts: ServerParts) => Script,
  ): Promise<PasswordServer> {
    const behaviour: PasswordServerBehaviour = {
      mechanisms: options.mechanisms ?? ["PLAIN", "LOGIN"],
      initialResponse: options.initialResponse ?? true,
      accepts: true,
      refusal: undefined,
      hold: undefined,
    };
    const script = scriptOf({
      behaviour,
      upgrade: tls === "starttls" ? certificate : undefined,
      async judge(attempt) {
        const known = people.get(attempt.user) === attempt.password && attempt.way !== "token";
        const accepted = behaviour.accepts && known;
        logins.push({ protocol, ...attempt, accepted });
        await behaviour.hold;
        return accepted;
      },
    });
    const server = await startScriptedServer(tls === "implicit" ? { tls: certificate, script } : { script });
    return Object.assign(server, { behaviour, tls: tls === "implicit" ? tls : ("starttls" as const) });
  }

  const imap = await start("imap", imapScript);
  const smtp = await start("smtp", smtpScript);
  const addressOf = ({ port, tls: kind }: PasswordServer) => ({ host: "localhost", port, tls: kind });
  return {
    imap,
    smtp,
    people,
    logins,
    settings: (email) => ({ kind: "password", email, imap: addressOf(imap), smtp: addressOf(smtp) }),
    async close() {
      await Promise.all([imap.close(), smtp.close()]);
    },
  };
}

function imapScript({ behaviour, upgrade, judge }: ServerParts): Script {
  return async (connection) => {
    let secure = upgrade === undefined;
    const capabilities = (): string =>
      [
        "IMAP4rev1",
        ...(secure ? [] : ["STARTTLS"]),
        ...(behaviour.initialResponse ? ["SASL-IR"] : []),
        ...behaviour.mechanisms.map((name) => `AUTH=${name}`),
      ].join(" ");
    await connection.write(`* OK [CAPABILITY ${capabilities()}] ready\r\n`);
    for (;;) {
      const line = await connection.readLine();
      const [tag = "", verb = "", ...words] = line.split(" ");
      switch (verb.toUpperCase()) {
        case "CAPABILITY":
          await connection.write(`* CAPABILITY ${capabilities()}\r\n${tag} OK done\r\n`);
          continue;
        case "STARTTLS":
          if (upgrade === undefined) break;
          await connection.write(`${tag} OK begin\r\n`);
          await connection.startTls(upgrade);
          secure = true;
          continue;
        case "LOGOUT":
          return connection.end(`* BYE bye\r\n${tag} OK done\r\n`);
        case "AUTHENTICATE":
        case "LOGIN": {
          const attempt =
            verb.toUpperCase() === "LOGIN"
              ? parseLoginCommand(line)
              : await readExchange(words[0] ?? "", words[1], (prompt) => ask(connection, `+ ${prompt}`));
          if (await judge(attempt)) {
            await connection.write(`${tag} OK [CAPABILITY IMAP4rev1 IDLE LITERAL+ UIDPLUS] in\r\n`);
            return answerImapCommands(connection);
          }
          const refusal = behaviour.refusal?.(attempt) ?? "NO [AUTHENTICATIONFAILED] Invalid credentials";
          await connection.write(`${tag} ${refusal}\r\n`);
          continue;
        }
        default:
      }
      await connection.write(`${tag} BAD not here\r\n`);
    }
  };
}

function smtpScript({ behaviour, upgrade, judge }: ServerParts): Script {
  return async (connection) => {
    let secure = upgrade === undefined;
    await connection.write("220 scripted ESMTP\r\n");
    for (;;) {
      const [verb = "", ...words] = (await connection.readLine()).split(" ");
      switch (verb.toUpperCase()) {
        case "EHLO": {
          const keywords = ["SIZE 10000000", "PIPELINING", "8BITMIME", ...(secure ? [] : ["STARTTLS"])];
          if (behaviour.mechanisms.length > 0) keywords.push(`AUTH ${behaviour.mechanisms.join(" ")}`);
          await connection.write(formatEhlo(keywords.join("\n")));
          continue;
        }
        case "STARTTLS":
          if (upgrade === undefined) break;
          await connection.write("220 2.0.0 begin\r\n");
          await connection.startTls(upgrade);
          secure = true;
          continue;
        case "QUIT":
          return connection.end("221 2.0.0 bye\r\n");
        case "AUTH": {
          const attempt = await readExchange(words[0] ?? "", words[1], (prompt) =>
            ask(connection, `334 ${prompt}`),
          );
          if (await judge(attempt)) {
            await connection.write("235 2.7.0 in\r\n");
            return answerSmtpCommands(connection);
          }
          await connection.write(`${behaviour.refusal?.(attempt) ?? "535 5.7.8 Invalid credentials"}\r\n`);
          continue;
        }
        default:
      }
      await connection.write("530 5.7.0 not here\r\n");
    }
  };
}

async function ask(connection: ScriptedConnection, prompt: string): Promise<string> {
  await connection.write(`${prompt}\r\n`);
  return connection.readLine();
}

type Attempt = Pick<PasswordLogin, "way" | "user" | "password">;

/** @param send sends a prompt in base64 and gives the answer */
async function readExchange(
  mechanism: string,
  initialResponse: string | undefined,
  send: (prompt: string) => Promise<string>,
): Promise<Attempt> {
  switch (mechanism.toUpperCase()) {
    case "PLAIN": {
      const message = decode(initialResponse ?? (await send("")));
      const [authzid, user = "", password = "", ...more] = message.split("\0");
      if (authzid !== "" || more.length > 0) throw new Error("not a message of PLAIN as we want it");
      return { way: "PLAIN", user, password };
    }
    case "LOGIN": {
      const user = decode(initialResponse ?? (await send(encode("User Name\0"))));
      return { way: "LOGIN", user, password: decode(await send(encode("Password\0"))) };
    }
    default:
      return { way: "token", user: "", password: decode(initialResponse ?? (await send(""))) };
  }
}

/** Good enough to see that somebody sent one. */
function parseLoginCommand(line: string): Attempt {
  const [, user = "", password = ""] = /^\S+ LOGIN "?([^" ]+)"? (.*)$/i.exec(line) ?? [];
  return { way: "LOGIN command", user, password };
}

const decode = (base64: string): string => Buffer.from(base64, "base64").toString("utf8");
const encode = (text: string): string => Buffer.from(text).toString("base64");
