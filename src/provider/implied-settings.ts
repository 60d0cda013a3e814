// What a preset means for one mailbox: the account's settings, as far as the provider decides them. The client id is
// never among them; it comes from the person, their administrator, the provider's registration or the build.
import type { MailProtocol, OAuthPreset, PresetServer, ProviderPreset, SelfHostedPreset } from "./preset.ts";
import { type AuthorizationServerAddresses, addressesOf } from "./tenant.ts";

interface Place {
  readonly host: string;
  readonly port: number;
  readonly tls: PresetServer["tls"];
}

/** Of a mailbox that is signed in to with OAuth. */
export interface ImpliedOAuth {
  /** Absent where the server is the person's own: discovery finds it. */
  readonly addresses: AuthorizationServerAddresses | undefined;
  /** As the authorization request carries it: joined with the provider's own separator. */
  readonly scope: string;
  readonly redirectUri: string;
  readonly clientSecret: "none" | "required" | "optional";
  readonly authorizationParameters: Readonly<Record<string, string>>;
  readonly mechanism: "auto" | "xoauth2" | "oauthbearer";
}

/** Of a mailbox's servers. */
export interface ImpliedMail {
  readonly imap: Place;
  readonly smtp: Place;
  /** The SASL user names, where the provider wants others than the address. */
  readonly imapUser: string | undefined;
  readonly smtpUser: string | undefined;
}

/**
 * @param wanted.tenant in place of the preset's own (Microsoft)
 * @param wanted.protocols what permission is asked for; IMAP and SMTP where nothing is said
 */
export function impliedOAuth(
  preset: OAuthPreset | SelfHostedPreset,
  wanted: { readonly tenant?: string | undefined; readonly protocols?: readonly MailProtocol[] } = {},
): ImpliedOAuth {
  const { oauth, mail } = preset;
  return {
    addresses: preset.kind === "oauth" ? addressesOf(preset.oauth, wanted.tenant) : undefined,
    scope: scopeFor(oauth, wanted.protocols ?? ["imap", "smtp"]),
    redirectUri: oauth.redirect.uri,
    clientSecret: oauth.clientSecret,
    authorizationParameters: oauth.authorizationParameters,
    mechanism: mail.mechanism,
  };
}

/** Undefined where the hosts are found by discovery, or another program is the way to the mailbox. */
export function impliedMail(preset: ProviderPreset, email: string): ImpliedMail | undefined {
  if (preset.kind === "self-hosted" || preset.mail === undefined) return undefined;
  const { imap, smtp } = preset.mail;
  return {
    imap: placeOf(imap),
    smtp: placeOf(smtp),
    imapUser: userNameOf(imap, email),
    smtpUser: userNameOf(smtp, email),
  };
}

/** What to ask for: permission for the protocols, for a refresh token, and to learn who signed in. Each once. */
export function scopeFor(
  oauth: Pick<OAuthPreset["oauth"], "scopes" | "scopeSeparator">,
  protocols: readonly MailProtocol[],
): string {
  const { scopes, scopeSeparator } = oauth;
  const wanted = [
    ...protocols.flatMap((protocol) => scopes[protocol]),
    ...scopes.offline,
    ...scopes.identity,
  ];
  return [...new Set(wanted)].join(scopeSeparator);
}

function placeOf({ host, port, tls }: PresetServer): Place {
  return { host, port, tls };
}

/**
 * Undefined for the address itself; and for "preferred_username", which is not known before somebody has signed in: it is
 * tried when the address is refused.
 */
function userNameOf({ userName }: PresetServer, email: string): string | undefined {
  return userName === "local-part" ? email.slice(0, email.lastIndexOf("@")) : undefined;
}
