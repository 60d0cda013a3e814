// A real Keycloak on 127.0.0.1 under the name localhost, over HTTPS: one realm with people, programs and a mail server in it.
// Invariant: each one has a home, a database and secrets of its own, and leaves nothing behind.
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { TestAuthority } from "./authority.ts";
import { createKeycloakAdministration } from "./keycloak-administration.ts";
import { createKeycloakHome, prepareKeycloak } from "./keycloak-distribution.ts";
import { startKeycloakProcess } from "./keycloak-process.ts";
import { describeRealm, REALM } from "./keycloak-realm.ts";
import { openRelay } from "./keycloak-relay.ts";
import type { Person } from "./person.ts";
import { request } from "./request.ts";

/**
 * A native program without a secret (RFC 8252); PKCE with S256 is required of it. The device flow is open to it, too, but
 * Keycloak then requires PKCE also there, which RFC 8628 does not know.
 */
export const KEYCLOAK_CLIENT_ID = "postern";
/** The same with nothing required: PKCE or none, and the device flow as RFC 8628 has it. */
export const KEYCLOAK_LENIENT_CLIENT_ID = "postern-lenient";
/** What a program asks for to read and send mail, and what Dovecot demands of a token. */
export const MAIL_SCOPE = "mail";
const INTROSPECTION_CLIENT_ID = "dovecot";
const READY_WITHIN = 120_000;

export interface Keycloak {
  /** https://localhost:PORT/realms/mail */
  readonly issuer: string;
  readonly clientId: string;
  /** https://localhost:PORT/realms/mail/protocol/openid-connect/token/introspect */
  readonly introspectionUrl: string;
  /**
   * For Dovecot's client_id and client_secret. Not for introspectionUrl: Dovecot sends both parameters in any case, and
   * Keycloak refuses empty ones whatever the Authorization field says.
   */
  readonly introspectionClient: { readonly id: string; readonly secret: string };
  readonly openidConfigurationUrl: string;
  /** As an introspecting mail server would ask: the address the token is for, or undefined if not active. */
  checkToken(accessToken: string): Promise<string | undefined>;
  /** Signs a person out everywhere, as an administrator does: refresh tokens end, and introspection says not active. */
  revokeSessionsOf(email: string): Promise<void>;
  /** What Keycloak printed, for looking at after a failure. */
  log(): string;
  /** Stops listening and drops all connections: a dead authorization server. */
  pause(): Promise<void>;
  /** Listens on the same port again with the same state. */
  resume(): Promise<void>;
  close(): Promise<void>;
}

export interface KeycloakOptions {
  readonly authority: TestAuthority;
  /** They sign in with their address and password; consent is asked only where Keycloak insists. */
  readonly people: readonly Person[];
  /** 300 unless told otherwise, as Keycloak has it. */
  readonly accessTokenSeconds?: number;
  /**
   * Scopes that a program may name when it registers, besides the realm's own: ["openid"] unless told otherwise. With none,
   * as Keycloak is delivered, it refuses a registration that names `openid`.
   */
  readonly registrationScopes?: readonly string[];
}

/**
 * A describe block that needs Keycloak; elsewhere one test tells that it was left out. To be awaited: the first time on a
 * machine Keycloak is fetched and built before the block's tests are known.
 */
export async function describeWithKeycloak(name: string, block: () => void): Promise<void> {
  const support = await prepareKeycloak();
  if (support.kind === "available") {
    describe(name, block);
    return;
  }
  describe(name, () => {
    test("is left out on this machine, and the reason is said", () => {
      process.stderr.write(`LEFT OUT: ${name}: ${support.reason}\n`);
      expect(support.reason).not.toBe("");
    });
  });
}

/** Starts Keycloak and resolves when the realm is as described. Throws where Keycloak cannot be had, and with its log. */
export async function startKeycloak(options: KeycloakOptions): Promise<Keycloak> {
  const support = await prepareKeycloak();
  if (support.kind === "left-out") throw new Error(`there is no Keycloak: ${support.reason}`);
  const { distribution } = support;
  const home = await mkdtemp(join(tmpdir(), "keycloak-"));
  const [administratorSecret, introspectionSecret] = [createSecret(), createSecret()];
  await createKeycloakHome(distribution, home);
  await writeRealm(home, {
    ...options,
    accessTokenSeconds: options.accessTokenSeconds ?? 300,
    administratorSecret,
  });
  const { key, certificate } = await options.authority.issue(["localhost", "127.0.0.1"]);
  const files = { key: join(home, "key.pem"), certificate: join(home, "certificate.pem") };
  await writeFile(files.key, key, { mode: 0o600 });
  // With the authority's own, by whose key Chromium can be told to trust it (--ignore-certificate-errors-spki-list).
  await writeFile(files.certificate, `${certificate}${options.authority.certificatePem}`);

  const relay = await openRelay();
  const origin = `https://localhost:${relay.port}`;
  const keycloak = await startKeycloakProcess({
    java: distribution.java,
    home,
    arguments: [
      ...["start", "--optimized", "--import-realm", "--cache=local", `--hostname=${origin}`],
      ...["--http-host=127.0.0.1", "--http-enabled=false", "--https-port=0"],
      ...[`--https-certificate-file=${files.certificate}`, `--https-certificate-key-file=${files.key}`],
    ],
  });
  async function close(): Promise<void> {
    await relay.pause();
    await keycloak.stop();
    await rm(home, { recursive: true, force: true });
  }

  try {
    const [, port] = await keycloak.printed(/Listening on: https:\/\/\S+:(\d+)/, READY_WITHIN);
    relay.leadTo(Number(port));
    const administration = createKeycloakAdministration({
      origin,
      administratorSecret,
      authorityPem: options.authority.certificatePem,
    });
    await administration.createMailScope(MAIL_SCOPE, INTROSPECTION_CLIENT_ID);
    await administration.createClient(
      describeProgram(KEYCLOAK_CLIENT_ID, { "pkce.code.challenge.method": "S256" }),
    );
    await administration.createClient(describeProgram(KEYCLOAK_LENIENT_CLIENT_ID, {}));
    await administration.createClient(describeMailServer(introspectionSecret));
    await administration.openRegistration(options.registrationScopes ?? ["openid"]);

    const issuer = `${origin}/realms/${REALM}`;
    const introspectionUrl = `${issuer}/protocol/openid-connect/token/introspect`;
    const introspectionClient = { id: INTROSPECTION_CLIENT_ID, secret: introspectionSecret };
    return {
      issuer,
      clientId: KEYCLOAK_CLIENT_ID,
      introspectionUrl,
      introspectionClient,
      openidConfigurationUrl: `${issuer}/.well-known/openid-configuration`,
      async checkToken(accessToken) {
        const answer = await request(introspectionUrl, {
          form: new URLSearchParams({
            token: accessToken,
            client_id: introspectionClient.id,
            client_secret: introspectionClient.secret,
          }),
          authorityPem: options.authority.certificatePem,
        });
        const body: { active: boolean; email?: string } = JSON.parse(answer.body);
        return body.active ? body.email : undefined;
      },
      revokeSessionsOf: administration.revokeSessionsOf,
      log: keycloak.log,
      pause: relay.pause,
      resume: relay.resume,
      async close() {
        await administration.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function describeProgram(clientId: string, attributes: Readonly<Record<string, string>>) {
  return {
    clientId,
    name: "Postern",
    publicClient: true,
    standardFlowEnabled: true,
    directAccessGrantsEnabled: false,
    // Without a port: Keycloak then takes any port at these two hosts (and at no other loopback address), RFC 8252 §7.3.
    redirectUris: ["http://127.0.0.1/*", "http://localhost/*"],
    attributes: { "oauth2.device.authorization.grant.enabled": "true", ...attributes },
  };
}

function describeMailServer(secret: string) {
  return {
    clientId: INTROSPECTION_CLIENT_ID,
    secret,
    standardFlowEnabled: false,
    directAccessGrantsEnabled: false,
  };
}

async function writeRealm(home: string, options: Parameters<typeof describeRealm>[0]): Promise<void> {
  const directory = join(home, "data", "import");
  await mkdir(directory);
  await writeFile(join(directory, `${REALM}-realm.json`), JSON.stringify(describeRealm(options)), {
    mode: 0o600,
  });
}

function createSecret(): string {
  return randomBytes(24).toString("hex");
}
