// A recorded row brought to life: its servers under their real names on a small internet, and what the preset implies for
// an account there. Invariant: no name leads anywhere but to this row's servers; whoever else is asked for is noted down.
import {
  type Account,
  type MailServer,
  type OAuthAccount,
  type PasswordAccount,
  upstreamUser,
} from "../../src/account/account.ts";
import { type Clock, systemClock } from "../../src/clock/clock.ts";
import {
  type AuthorizationServers,
  createAuthorizationServers,
} from "../../src/oauth/client/authorization-server.ts";
import type { IssuedTokens, OAuthClientSettings } from "../../src/oauth/client/settings.ts";
import { impliedMail, impliedOAuth } from "../../src/provider/implied-settings.ts";
import type { OAuthPreset, PasswordPreset, SelfHostedPreset } from "../../src/provider/preset.ts";
import { findPreset } from "../../src/provider/table.ts";
import {
  type ConnectionMeans,
  openImap,
  openSmtp,
  type UpstreamCredential,
} from "../../src/proxy/upstream-connection.ts";
import { clientSecret } from "../../src/secret/secret.ts";
import type { TestAuthority } from "./authority.ts";
import { type ScriptedProvider, startProviderOf } from "./preset-authorization-server.ts";
import { octetsOf, startImapOf, startSmtpOf } from "./preset-mail-server.ts";
import type { OAuthRecord, PasswordRecord, SmtpRecord } from "./preset-record.ts";
import type { ScriptedServer } from "./scripted-server.ts";
import { type SmallInternet, startSmallInternet } from "./small-internet.ts";

export interface MailWorld {
  readonly internet: SmallInternet;
  readonly means: ConnectionMeans;
  readonly imap: ScriptedServer;
  readonly smtp: ScriptedServer;
  close(): Promise<void>;
}

export interface OAuthWorld extends MailWorld {
  readonly provider: ScriptedProvider;
  readonly servers: AuthorizationServers;
}

/** Lets what it is asked to wait for pass at once, and notes it down. */
export function hurriedClock(waits: number[]): Clock {
  let passed = 0;
  return {
    now: () => systemClock.now() + passed,
    monotonic: () => systemClock.monotonic() + passed,
    schedule(milliseconds, action) {
      waits.push(milliseconds);
      passed += milliseconds;
      const immediate = setImmediate(action);
      return () => clearImmediate(immediate);
    },
  };
}

/** What opens a mailbox of the row by an app password. */
export const APP_PASSWORD = "abcd efgh ijkl mnop";

export async function openOAuthWorld(record: OAuthRecord, authority: TestAuthority): Promise<OAuthWorld> {
  const { authorization, token, device, revocation, metadata = {} } = record;
  const addresses = [authorization, token, revocation, ...Object.keys(metadata)];
  if (device.flow !== "none") addresses.push(device.endpoint);
  const hosts = [...new Set(addresses.flatMap((url) => (url === undefined ? [] : [new URL(url).host])))];
  const mail = await openMailWorld(record, messagesOf(record), authority);
  const provider = await startProviderOf(record, await authority.issue(hosts));
  for (const host of hosts) mail.internet.put(`${host}:443`, provider.port);
  return {
    ...mail,
    provider,
    servers: createAuthorizationServers(systemClock, mail.internet.fetch),
    async close() {
      await mail.close();
      await provider.close();
    },
  };
}

export function openPasswordWorld(record: PasswordRecord, authority: TestAuthority): Promise<MailWorld> {
  const { imap, smtp } = record;
  return openMailWorld(record, { imap: [imap.message], smtp: [smtp.message] }, authority);
}

async function openMailWorld(
  { imap: imapRecord, smtp: smtpRecord }: Pick<PasswordRecord, "imap" | "smtp">,
  messages: { readonly imap: readonly string[]; readonly smtp: readonly string[] },
  authority: TestAuthority,
): Promise<MailWorld> {
  const certificateFor = (place: string) => authority.issue([hostOf(place)]);
  const internet = await startSmallInternet();
  const [imap, smtp] = await Promise.all([
    startImapOf(imapRecord, messages.imap.map(octetsOf), await certificateFor(imapRecord.place)),
    startSmtpOf(smtpRecord, messages.smtp.map(octetsOf), await certificateFor(smtpRecord.place)),
  ]);
  internet.put(imapRecord.place, imap.port);
  internet.put(smtpRecord.place, smtp.port);
  return {
    internet,
    means: { clock: systemClock, route: internet.route },
    imap,
    smtp,
    async close() {
      await internet.close();
      await Promise.all([imap.close(), smtp.close()]);
    },
  };
}

/** The first access token opens the mailbox; so does an app password, where the row says so. */
function messagesOf({ email, issued, imap, smtp }: OAuthRecord): { imap: string[]; smtp: string[] } {
  const of = ({ accepts, message }: Pick<OAuthRecord["imap"], "accepts" | "message">): string[] => [
    ...(accepts.includes("oauth") ? [message.replace("{token}", String(issued.access_token))] : []),
    ...(accepts.some((way) => way !== "oauth") ? [`^0${email}^0${APP_PASSWORD}`] : []),
  ];
  return { imap: of(imap), smtp: of(smtp) };
}

export function oauthPreset(id: string): OAuthPreset | SelfHostedPreset {
  const preset = findPreset(id);
  if (preset === undefined || preset.kind === "password") throw new Error(`${id} has no sign-in`);
  return preset;
}

export function passwordPreset(id: string): PasswordPreset {
  const preset = findPreset(id);
  if (preset?.kind !== "password") throw new Error(`${id} has a sign-in`);
  return preset;
}

/** The preset's own settings, and of the row only what a person gives: the client, and where their own servers are. */
export function settingsFor(record: OAuthRecord): OAuthClientSettings {
  const preset = oauthPreset(record.id);
  const { addresses, scope, redirectUri, authorizationParameters } = impliedOAuth(preset);
  return {
    issuer: addresses?.issuer ?? record.issuer,
    endpoints: addresses?.endpoints,
    clientId: record.clientId,
    clientSecret: record.clientSecret === undefined ? undefined : clientSecret(record.clientSecret),
    scope,
    redirectUri,
    authorizationParameters,
    verificationHosts: preset.oauth.device.verificationHosts,
  };
}

export function oauthAccount(record: OAuthRecord): OAuthAccount {
  const preset = oauthPreset(record.id);
  const { issuer, endpoints, scope, redirectUri } = settingsFor(record);
  return {
    kind: "oauth",
    id: "the-account",
    email: record.email,
    provider: record.id,
    issuer,
    endpoints,
    clientId: record.clientId,
    hasClientSecret: record.clientSecret !== undefined,
    scope,
    redirectUri,
    mechanism: impliedOAuth(preset).mechanism,
    tokenAccess: false,
    ...mailOf(preset, record),
  };
}

export function passwordAccount(record: PasswordRecord | OAuthRecord): PasswordAccount {
  const preset = findPreset(record.id);
  if (preset === undefined) throw new Error(record.id);
  return {
    kind: "password",
    id: "the-account",
    email: record.email,
    provider: record.id,
    ...mailOf(preset, record),
  };
}

type Mail = Pick<PasswordAccount, "imap" | "smtp" | "imapUser" | "smtpUser">;

/** The hosts of somebody's own server are the row's; the ports are the preset's. */
function mailOf(
  preset: OAuthPreset | PasswordPreset | SelfHostedPreset,
  record: PasswordRecord | OAuthRecord,
): Mail {
  const implied = impliedMail(preset, record.email);
  if (implied !== undefined) return implied;
  if (preset.kind !== "self-hosted") throw new Error(`${preset.id} has no mail servers`);
  const own = (place: string, { port, tls }: Omit<MailServer, "host">): MailServer => ({
    host: hostOf(place),
    port,
    tls,
  });
  return {
    imap: own(record.imap.place, preset.mail.imap),
    smtp: own(record.smtp.place, preset.mail.smtp),
  };
}

function hostOf(place: string): string {
  return place.slice(0, place.lastIndexOf(":"));
}

/** A browser that goes where it is sent. Gives where the provider sends it at the end: to the redirect address. */
export async function browse({ internet }: OAuthWorld, authorizationUrl: string): Promise<string> {
  const page = await internet.fetch(authorizationUrl, { redirect: "manual" });
  const location = page.headers.get("location");
  if (location === null) throw new Error(`the provider shows a page: ${page.status} ${await page.text()}`);
  return location;
}

/** One login under the name that the account has there. */
export async function logInAt(
  { means }: MailWorld,
  protocol: "imap" | "smtp",
  account: Account,
  credential: UpstreamCredential,
): Promise<void> {
  const open = protocol === "imap" ? openImap : openSmtp;
  const upstream = await open(means, { account, user: upstreamUser(account, protocol), credential });
  upstream.wire.close();
}

/** "imap.example.org:993 implicit" */
export function formatPlace({ host, port, tls }: MailServer): string {
  return `${host}:${port} ${tls}`;
}

/** The same, of a row. */
export function recordedPlace(server: Pick<SmtpRecord, "place"> & Partial<Pick<SmtpRecord, "tls">>): string {
  return `${server.place} ${server.tls ?? "implicit"}`;
}

/** What was issued, with its secrets, for comparison. */
export function readable({
  accessToken,
  refreshToken,
  lifetime,
  identity,
  tokenEndpoint,
}: IssuedTokens): object {
  return {
    accessToken: accessToken.reveal(),
    refreshToken: refreshToken?.reveal(),
    lifetime,
    identity,
    tokenEndpoint,
  };
}
