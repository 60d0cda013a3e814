// The options of `postern account add`, read and checked before anybody is asked anything.
import { readFile } from "node:fs/promises";
import type { z } from "zod";
import { oauthSettingsSchema } from "../control/shapes.ts";
import { systemCode } from "../errors/postern-error.ts";
import type { GivenSettings } from "../new-account/settings.ts";
import { parseHostPort } from "./host-port.ts";
import { type OutputOptions, wrongUsage } from "./output.ts";

type AccountSettings = z.infer<typeof oauthSettingsSchema>;

export interface AddOptions extends OutputOptions {
  readonly issuer?: string;
  readonly clientId?: string;
  readonly clientSecretFile?: string;
  readonly scope?: string;
  readonly authorizationEndpoint?: string;
  readonly tokenEndpoint?: string;
  readonly deviceAuthorizationEndpoint?: string;
  readonly revocationEndpoint?: string;
  readonly redirectUri?: string;
  readonly imap?: string;
  readonly imapTls?: AccountSettings["imap"]["tls"];
  readonly smtp?: string;
  readonly smtpTls?: AccountSettings["smtp"]["tls"];
  readonly mechanism?: AccountSettings["mechanism"];
  readonly owner?: string;
  readonly imapUser?: string;
  readonly smtpUser?: string;
  readonly localUser?: string;
  readonly password?: boolean;
  readonly yes?: boolean;
}

const givenSchema = oauthSettingsSchema.omit({ kind: true }).partial({
  issuer: true,
  clientId: true,
  scope: true,
  redirectUri: true,
  mechanism: true,
  imap: true,
  smtp: true,
});

/** Options that say how to sign in with OAuth, by their names. */
const OAUTH_OPTIONS = [
  ["issuer", "--issuer"],
  ["clientId", "--client-id"],
  ["scope", "--scope"],
  ["authorizationEndpoint", "--authorization-endpoint"],
  ["redirectUri", "--redirect-uri"],
  ["mechanism", "--mechanism"],
  ["owner", "--owner"],
] as const satisfies readonly (readonly [keyof AddOptions, string])[];

/** @throws PosternError `request-invalid` */
export function parseGiven(email: string, options: AddOptions): GivenSettings {
  const kind = kindOf(options);
  if (options.clientSecretFile !== undefined && options.clientId === undefined) {
    throw wrongUsage("--client-secret-file goes with --client-id");
  }
  const { issuer, clientId, scope, redirectUri, mechanism, owner, imapUser, smtpUser, localUser } = options;
  const parsed = givenSchema.safeParse({
    ...withoutUndefined({ email, issuer, clientId, scope, redirectUri, mechanism }),
    ...withoutUndefined({ owner, imapUser, smtpUser, localUser }),
    ...withoutUndefined({
      endpoints: endpointsOf(options),
      imap: serverOf(options.imap, options.imapTls, "imap", 993),
      smtp: serverOf(options.smtp, options.smtpTls, "smtp", 465),
    }),
  });
  if (parsed.success) return { ...parsed.data, ...(kind === undefined ? {} : { kind }) };
  const issue = parsed.error.issues[0];
  const path = issue?.path.join(".") ?? "";
  throw wrongUsage(`${OPTIONS[path] ?? path} ${issue?.message}`);
}

/** The secret without the newline that an editor puts behind it. @throws PosternError `request-invalid` */
export async function readSecret(path: string): Promise<string> {
  try {
    const secret = (await readFile(path, "utf8")).replace(/\r?\n$/, "");
    if (secret !== "") return secret;
  } catch (thrown) {
    throw wrongUsage(`--client-secret-file ${path}: ${systemCode(thrown)}`);
  }
  throw wrongUsage(`--client-secret-file ${path} is empty`);
}

function kindOf(options: AddOptions): GivenSettings["kind"] {
  const named = OAUTH_OPTIONS.filter(([name]) => options[name] !== undefined).map(([, option]) => option);
  if (options.password !== true) return named.length === 0 ? undefined : "oauth";
  if (named.length > 0) throw wrongUsage(`--password does not go with ${named.join(", ")}`);
  return "password";
}

function endpointsOf(options: AddOptions): Record<string, string> | undefined {
  const { authorizationEndpoint: authorization, tokenEndpoint: token } = options;
  const { deviceAuthorizationEndpoint: deviceAuthorization, revocationEndpoint: revocation } = options;
  if ((authorization === undefined) !== (token === undefined)) {
    throw wrongUsage("--authorization-endpoint and --token-endpoint go together");
  }
  if (authorization === undefined && (deviceAuthorization ?? revocation) !== undefined) {
    throw wrongUsage(
      "--device-authorization-endpoint and --revocation-endpoint need --authorization-endpoint and --token-endpoint",
    );
  }
  if (authorization === undefined) return undefined;
  return withoutUndefined({ authorization, token, deviceAuthorization, revocation });
}

function serverOf(
  place: string | undefined,
  tls: AccountSettings["imap"]["tls"] | undefined,
  protocol: "imap" | "smtp",
  implicitPort: number,
): AccountSettings["imap"] | undefined {
  if (place === undefined) {
    if (tls !== undefined) throw wrongUsage(`--${protocol}-tls goes with --${protocol}`);
    return undefined;
  }
  const { host, port } = parseHostPort(place, `--${protocol}`);
  return { host, port, tls: tls ?? (port === implicitPort ? "implicit" : "starttls") };
}

/** By the settings' own names: what the person typed. */
const OPTIONS: Readonly<Record<string, string>> = {
  email: "the address",
  issuer: "--issuer",
  "endpoints.authorization": "--authorization-endpoint",
  "endpoints.token": "--token-endpoint",
  "endpoints.deviceAuthorization": "--device-authorization-endpoint",
  "endpoints.revocation": "--revocation-endpoint",
  clientId: "--client-id",
  scope: "--scope",
  redirectUri: "--redirect-uri",
  mechanism: "--mechanism",
  "imap.host": "--imap",
  "smtp.host": "--smtp",
  owner: "--owner",
  imapUser: "--imap-user",
  smtpUser: "--smtp-user",
  localUser: "--local-user",
};

/** The schema takes what is absent, not what is undefined. */
function withoutUndefined<T>(values: Readonly<Record<string, T | undefined>>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, T] => entry[1] !== undefined),
  );
}
