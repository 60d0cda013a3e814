// What is said to an upstream server in a SASL exchange, made before the first octet: by a token or by a password.
// Invariant: a token goes by XOAUTH2 or OAUTHBEARER only, a password by PLAIN or LOGIN only.
import { PosternError } from "../../errors/postern-error.ts";
import type { UpstreamPassword } from "../../secret/secret.ts";
import { encodeBase64 } from "./base64.ts";
import { chooseMechanism } from "./choose-mechanism.ts";
import type { BearerCredentials, MechanismChoice } from "./mechanism.ts";
import { requirePlainUserName } from "./user-name.ts";

export interface UpstreamExchange {
  readonly mechanism: string;
  /** In base64; each but the first is sent when the server asks for it. */
  readonly messages: readonly string[];
  /** Whether the first message may stand in the command itself (RFC 4959, RFC 4954 §4). */
  readonly beginsInCommand: boolean;
  /** What answers a challenge after the last message, which says why it failed: base64, `*`, may be empty. */
  readonly failureReply: string;
  /** What must not be repeated where the server's words are: the messages, and what is secret in them. */
  readonly secrets: readonly string[];
}

/** Makes the exchange when it is known what the server announces. @throws PosternError `upstream-no-mechanism`, `access-token-unusable` */
export type PrepareExchange = (announced: readonly string[]) => UpstreamExchange;

export function bearerExchange(credentials: BearerCredentials, choice: MechanismChoice): PrepareExchange {
  return (announced) => {
    const mechanism = chooseMechanism(announced, choice);
    const messages = [encodeBase64(mechanism.format(credentials))];
    return {
      mechanism: mechanism.name,
      messages,
      beginsInCommand: true,
      failureReply: mechanism.failureReply,
      secrets: [...messages, credentials.accessToken.reveal()],
    };
  };
}

/** PLAIN (RFC 4616) where it is announced, else LOGIN, which some servers have alone. */
export function passwordExchange(user: string, password: UpstreamPassword): PrepareExchange {
  return (announced) => {
    const names = announced.map((name) => name.toUpperCase());
    const name = requirePlainUserName(user);
    const text = requirePassword(password);
    const plain = encodeBase64(`\0${name}\0${text}`);
    // A server's words are read as Latin-1.
    const secrets = [plain, encodeBase64(text), text, Buffer.from(text).toString("latin1")];
    if (names.includes("PLAIN")) {
      return { mechanism: "PLAIN", messages: [plain], beginsInCommand: true, failureReply: "*", secrets };
    }
    if (names.includes("LOGIN")) {
      const messages = [encodeBase64(name), encodeBase64(text)];
      return { mechanism: "LOGIN", messages, beginsInCommand: false, failureReply: "*", secrets };
    }
    throw new PosternError("upstream-no-password-mechanism", {
      detail: names.length === 0 ? "it announces none" : `it announces ${names.join(", ")}`,
    });
  };
}

/** NUL would end a field of PLAIN (RFC 4616 §2). */
function requirePassword(password: UpstreamPassword): string {
  const text = password.reveal();
  if (!text.includes("\0")) return text;
  throw new PosternError("upstream-password-refused", {
    detail: "it has a character that no password can have",
  });
}
