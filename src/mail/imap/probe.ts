// Asks an IMAP server what it says of itself before any login: that it is one, what it offers, and which authorization
// server it believes (RFC 7628 §3.2.2). Invariant: it sends no token and nobody's name, and nothing outside verified TLS
// but STARTTLS; nothing that the server said before TLS is believed.
import type { Clock } from "../../clock/clock.ts";
import { PosternError } from "../../errors/postern-error.ts";
import { encodeBase64 } from "../sasl/base64.ts";
import { type FailureChallenge, parseFailureChallenge } from "../sasl/failure-challenge.ts";
import { type TokenlessLogin, tokenlessLogins } from "../sasl/tokenless.ts";
import { createUpstreamLines, refuseInjected, type UpstreamTransport } from "../wire/upstream-lines.ts";
import { hasCapability, mechanismsOf } from "./capability.ts";
import { type Completion, parseGreeting, readCompletion, refuseContinuation } from "./upstream.ts";

/** A server that has proved to be one, with an open connection. */
export interface ProbedImapServer {
  readonly capabilities: readonly string[];
  /**
   * Logs in without a token until a failure names an authorization server; otherwise the last challenge, and undefined
   * where none came. Each attempt is one failed login in the server's log.
   * @throws PosternError `upstream-…`
   */
  askForChallenge(host: string, port: number): Promise<FailureChallenge | undefined>;
  /** Says goodbye and closes. */
  logOut(): void;
}

/** @throws PosternError `upstream-…` */
export async function probeImapServer(transport: UpstreamTransport, clock: Clock): Promise<ProbedImapServer> {
  let { wire } = transport;
  let lines = createUpstreamLines(wire, clock);
  let commands = 0;
  const nextTag = (): string => `P${++commands}`;
  const command = async (text: string): Promise<Completion> => {
    const tag = nextTag();
    wire.write(`${tag} ${text}\r\n`);
    return readCompletion(lines, tag, refuseContinuation);
  };

  parseGreeting(await lines.next());
  if (transport.startTls !== undefined) {
    const { status, text } = await command("STARTTLS");
    if (status !== "OK") throw new PosternError("upstream-without-tls", { detail: text });
    refuseInjected(wire);
    wire = await transport.startTls();
    lines = createUpstreamLines(wire, clock);
  }
  const { status, announced: capabilities = [] } = await command("CAPABILITY");
  if (
    status !== "OK" ||
    (!hasCapability(capabilities, "IMAP4REV1") && !hasCapability(capabilities, "IMAP4REV2"))
  ) {
    throw new PosternError("upstream-protocol", { detail: "it is neither IMAP4rev1 nor IMAP4rev2" });
  }

  async function challengeOf({ mechanism, message }: TokenlessLogin): Promise<FailureChallenge | undefined> {
    const tag = nextTag();
    const initialResponse = encodeBase64(message);
    const inOneLine = hasCapability(capabilities, "SASL-IR");
    wire.write(`${tag} AUTHENTICATE ${mechanism.name}${inOneLine ? ` ${initialResponse}` : ""}\r\n`);
    let unsent = inOneLine ? undefined : initialResponse;
    let challenge: FailureChallenge | undefined;
    const completion = await readCompletion(lines, tag, (text) => {
      if (unsent !== undefined) {
        wire.write(`${unsent}\r\n`);
        unsent = undefined;
        return;
      }
      challenge = parseFailureChallenge(text);
      // The server waits for an answer before it says NO (RFC 7628 §3.2.3).
      wire.write(`${mechanism.failureReply}\r\n`);
    });
    if (completion.status === "OK") {
      throw new PosternError("upstream-protocol", { detail: "it lets somebody in without a token" });
    }
    return challenge;
  }

  return {
    capabilities,
    async askForChallenge(host, port) {
      let last: FailureChallenge | undefined;
      for (const login of tokenlessLogins(mechanismsOf(capabilities), host, port)) {
        const challenge = await challengeOf(login);
        if (challenge?.openidConfiguration !== undefined) return challenge;
        last = challenge ?? last;
      }
      return last;
    },
    logOut: () => wire.close(`${nextTag()} LOGOUT\r\n`),
  };
}
