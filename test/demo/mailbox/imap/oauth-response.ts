// The two SASL responses that carry an access token: XOAUTH2 (Google's protocol) and OAUTHBEARER (RFC 7628 §3.1),
// and the JSON challenge that says why one was refused (RFC 7628 §3.2.2). Pure.

const CONTROL_A = "\u0001";

export type OAuthMechanism = "XOAUTH2" | "OAUTHBEARER";

export interface OAuthResponse {
  /** Empty when the client left it to the token. */
  readonly user: string;
  readonly accessToken: string;
}

export function isOAuthMechanism(mechanism: string): mechanism is OAuthMechanism {
  return mechanism === "XOAUTH2" || mechanism === "OAUTHBEARER";
}

/** Undefined when the message is not of the mechanism's form. */
export function parseOAuthResponse(mechanism: OAuthMechanism, message: Buffer): OAuthResponse | undefined {
  const text = message.toString("utf8");
  return mechanism === "XOAUTH2" ? parseXoauth2(text) : parseOauthbearer(text);
}

/** The JSON, base64 as it goes on the wire. */
export function formatFailureChallenge(mechanism: OAuthMechanism): string {
  const failure =
    mechanism === "XOAUTH2"
      ? { status: "401", schemes: "bearer mac", scope: "https://mail.google.com/" }
      : { status: "invalid_token" };
  return Buffer.from(JSON.stringify(failure)).toString("base64");
}

/** `user=` user ^A `auth=Bearer ` token ^A ^A */
function parseXoauth2(text: string): OAuthResponse | undefined {
  const [user, authorization, ...rest] = text.split(CONTROL_A);
  const accessToken = parseBearer(authorization);
  if (!user?.startsWith("user=") || accessToken === undefined || !isEnd(rest)) return undefined;
  return { user: user.slice("user=".length), accessToken };
}

/** A GS2 header without channel binding, ^A, key=value pairs each ended by ^A, among them `auth=`, and ^A. */
function parseOauthbearer(text: string): OAuthResponse | undefined {
  const [header = "", ...pairs] = text.split(CONTROL_A);
  const groups = /^[ny],(?:a=(?<user>[^,]*))?,$/.exec(header)?.groups;
  const accessToken = parseBearer(pairs.find((pair) => pair.startsWith("auth=")));
  if (groups === undefined || accessToken === undefined || !isEnd(pairs.slice(-2))) return undefined;
  return { user: (groups.user ?? "").replace(/=2C/gi, ",").replace(/=3D/gi, "="), accessToken };
}

function parseBearer(pair: string | undefined): string | undefined {
  return /^auth=Bearer (?<token>[!-~]+)$/i.exec(pair ?? "")?.groups?.token;
}

/** What ^A ^A at the end leaves after splitting. */
function isEnd(rest: readonly string[]): boolean {
  return rest.length === 2 && rest[0] === "" && rest[1] === "";
}
