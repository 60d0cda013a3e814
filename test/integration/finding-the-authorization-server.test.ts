// Metadata by OpenID Connect Discovery, by RFC 8414, or given; and whose certificates are trusted on the way.

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { connectToDaemon } from "../../src/control/client.ts";
import { createTestAuthority, type TestAuthority } from "../support/authority.ts";
import { PUBLIC_CLIENT_ID } from "../support/authorization-server.ts";
import { beginSignIn } from "../support/control-sign-in.ts";
import { signInAs } from "../support/person.ts";
import { type Postern, startPostern } from "../support/postern.ts";
import { connectRaw, logInToImap } from "../support/raw-client.ts";
import { request } from "../support/request.ts";
import {
  OPENID_PATH,
  RFC_8414_PATH,
  type SmallAuthorizationServer,
  type SmallServerOptions,
  startSmallAuthorizationServer,
} from "../support/small-authorization-server.ts";
import { startTown, type Town } from "../support/town.ts";

const EMAIL = "dora@example.test";

let authority: TestAuthority;
let postern: Postern;
let server: SmallAuthorizationServer | undefined;

beforeAll(async () => {
  authority = await createTestAuthority();
  postern = await startPostern({ authority });
});
afterAll(() => postern.remove());
afterEach(async () => {
  await postern.cli("account", "remove", EMAIL);
  await server?.close();
});

const endpoints = (origin: string) => ({
  authorization_endpoint: `${origin}/authorize`,
  token_endpoint: `${origin}/token`,
  response_types_supported: ["code"],
});

async function startServer(metadata: SmallServerOptions["metadata"]): Promise<string> {
  server = await startSmallAuthorizationServer({ authority, metadata });
  return server.origin;
}

const add = (issuer: string, ...more: readonly string[]) =>
  postern.json(
    ...["account", "add", EMAIL, "--issuer", issuer, "--client-id", "any", "--scope", "mail"],
    ...["--imap", "localhost:993", "--smtp", "localhost:465", ...more],
  );

/** Signs in over the control API, with a browser that only follows the one redirect. */
async function signIn(): Promise<void> {
  const client = await connectToDaemon(`${postern.home}/control.json`);
  const { attemptId, authorizationUrl } = await beginSignIn(client, EMAIL);
  const waiting = client.call("sign-in.wait", { attemptId });
  const { headers } = await request(authorizationUrl, { authorityPem: authority.certificatePem });
  await request(String(headers.location));
  await waiting;
}

describe("an authorization server's metadata", () => {
  test("is found where OpenID Connect has it, and nowhere else is looked", async () => {
    await add(await startServer((origin) => ({ [OPENID_PATH]: { issuer: origin, ...endpoints(origin) } })));
    await signIn();
    expect(server?.paths).toEqual([OPENID_PATH, "/authorize", "/token"]);
  });

  test("is found where RFC 8414 has it, when there is no OpenID configuration", async () => {
    await add(await startServer((origin) => ({ [RFC_8414_PATH]: { issuer: origin, ...endpoints(origin) } })));
    await signIn();
    expect(server?.paths).toEqual([OPENID_PATH, RFC_8414_PATH, "/authorize", "/token"]);
  });

  test("is not asked for when the endpoints were given", async () => {
    const origin = await startServer(() => ({}));
    await add(
      origin,
      "--authorization-endpoint",
      `${origin}/authorize`,
      "--token-endpoint",
      `${origin}/token`,
    );
    await signIn();
    expect(server?.paths).toEqual(["/authorize", "/token"]);
  });

  test.each<[string, (origin: string) => Record<string, unknown>]>([
    ["names another issuer", (origin) => ({ issuer: "https://elsewhere.example", ...endpoints(origin) })],
    ["has no endpoints", (origin) => ({ issuer: origin })],
    [
      "sends the person to an http page",
      (origin) => ({
        issuer: origin,
        ...endpoints(origin),
        authorization_endpoint: "http://localhost/authorize",
      }),
    ],
  ])("is refused when it %s", async (_name, metadata) => {
    await add(await startServer((origin) => ({ [OPENID_PATH]: metadata(origin) })));
    const login = await postern.cli("login", EMAIL, "--no-open");
    expect(login.exitCode).toBe(78);
    expect(login.stdout).toBe("");
    expect(login.stderr).toContain("The issuer does not publish usable sign-in metadata.");
  });

  test("is missing everywhere: said, with what to do", async () => {
    await add(await startServer(() => ({})));
    const login = await postern.cli("login", EMAIL, "--no-open");
    expect(login.exitCode).toBe(78);
    expect(login.stderr).toContain("--authorization-endpoint and --token-endpoint");
  });
});

describe("an authority that only the settings name", () => {
  let town: Town;
  beforeAll(async () => {
    town = await startTown({ postern: { env: { NODE_EXTRA_CA_CERTS: "" } } });
  });
  afterAll(() => town.close());

  test("is trusted for tokens and for mail as soon as it is set, and after a restart", async () => {
    const person = { email: "resident1@example.test", password: "secret of resident 1" };
    await town.postern.addAccount(person.email, {
      issuer: town.authorizationServer.issuer,
      clientId: PUBLIC_CLIENT_ID,
      imap: { port: town.imap.port, tls: "implicit" },
      smtp: { port: town.smtp.port, tls: "implicit" },
    });
    const before = await town.postern.cli("login", person.email, "--no-open");
    expect(before.stderr).toContain("The secure connection to your provider's sign-in server failed.");

    await town.postern.json(
      "settings",
      "set",
      "authority-file",
      await town.authority.writeTo(town.postern.folder),
    );
    const client = await connectToDaemon(`${town.postern.home}/control.json`);
    const { attemptId, authorizationUrl } = await beginSignIn(client, person.email);
    const waiting = client.call("sign-in.wait", { attemptId });
    await signInAs(authorizationUrl, person, town.authority);
    await waiting;
    const password = await town.postern.createPassword(person.email);
    const mail = await connectRaw(town.postern.imapPort);
    expect(await logInToImap(mail, { email: person.email, password })).toMatch(/^OK /);

    const again = await town.postern.restart();
    const later = await connectRaw(again.imapPort);
    expect(await logInToImap(later, { email: person.email, password })).toMatch(/^OK /);
    await again.stop();
  });
});
