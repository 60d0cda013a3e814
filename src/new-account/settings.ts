// The settings of a new account, of what a person named and what was looked up. Pure. Invariant: what was named stands,
// whatever was found.
import type { Discovery, Request } from "../control/contract.ts";

export type NewAccount = Request<"account.add">["settings"];
type OAuthAccount = Extract<NewAccount, { kind: "oauth" }>;

/** What a person named of an account's settings. */
export type GivenSettings = {
  readonly [Name in Exclude<keyof OAuthAccount, "kind" | "email">]?: OAuthAccount[Name] | undefined;
} & {
  readonly email: string;
  /** Absent where nothing that they named decides how to sign in. */
  readonly kind?: "oauth" | "password";
};

type Mailbox = Omit<Extract<NewAccount, { kind: "password" }>, "kind">;

type Rule = Discovery["userName"]["imap"];

/** What a provider is asked for where nobody says anything else. */
const DEFAULT_SCOPE = "openid email offline_access";
/** With any free port (RFC 8252 §7.3). */
const DEFAULT_REDIRECT_URI = "http://127.0.0.1/callback";

/** How the mailbox will be opened: as the person says, else as the provider wants it. */
export function kindOf(discovery: Discovery | undefined, given: GivenSettings): "oauth" | "password" {
  return given.kind ?? discovery?.kind ?? "oauth";
}

/** Undefined while a mail server or the issuer is missing. */
export function toSettings(discovery: Discovery | undefined, given: GivenSettings): NewAccount | undefined {
  const imap = given.imap ?? discovery?.imap;
  const smtp = given.smtp ?? discovery?.smtp;
  if (imap === undefined || smtp === undefined) return undefined;
  const { email, owner, localUser } = given;
  const mailbox: Mailbox = {
    email,
    imap,
    smtp,
    ...withoutUndefined({
      provider: discovery?.provider,
      imapUser: given.imapUser ?? userNameFor(discovery?.userName.imap, email),
      smtpUser: given.smtpUser ?? userNameFor(discovery?.userName.smtp, owner ?? email),
      localUser,
    }),
  };
  if (kindOf(discovery, given) === "password") return { kind: "password", ...mailbox };

  const issuer = given.issuer ?? discovery?.issuer;
  if (issuer === undefined) return undefined;
  return {
    kind: "oauth",
    ...mailbox,
    issuer,
    scope: given.scope ?? discovery?.scope ?? DEFAULT_SCOPE,
    redirectUri: given.redirectUri ?? discovery?.redirectUri ?? DEFAULT_REDIRECT_URI,
    mechanism: given.mechanism ?? discovery?.mechanism ?? "auto",
    ...withoutUndefined({
      endpoints: given.endpoints ?? discovery?.endpoints,
      clientId: given.clientId,
      owner,
      authorizationParameters: orUndefined(discovery?.authorizationParameters),
      verificationHosts: orUndefined(discovery?.verificationHosts),
    }),
  };
}

/** Undefined for the address itself, and for a name that only a sign-in tells. */
export function userNameFor(rule: Rule | undefined, email: string): string | undefined {
  if (rule === undefined || rule === "address" || rule === "preferred_username") return undefined;
  return rule === "local-part" ? email.slice(0, email.lastIndexOf("@")) : rule.name;
}

function orUndefined<T extends object>(values: T | undefined): T | undefined {
  return values === undefined || Object.keys(values).length === 0 ? undefined : values;
}

/** The schema takes what is absent, not what is undefined. */
export function withoutUndefined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
