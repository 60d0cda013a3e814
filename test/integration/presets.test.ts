// Every preset, walked: what goes to the provider's authorization server and mail servers is what the recorded table says
// (test/support/preset-records*.ts), against servers that speak as that provider does, under its own names.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../src/clock/clock.ts";
import {
  type AuthorizationAttempt,
  startAuthorization,
} from "../../src/oauth/client/authorization-code-grant.ts";
import { createAuthorizationServers } from "../../src/oauth/client/authorization-server.ts";
import { startDeviceAuthorization } from "../../src/oauth/client/device-authorization-grant.ts";
import { orderFlows } from "../../src/oauth/client/flow-order.ts";
import { grantsNoMail, missingScopes } from "../../src/oauth/client/granted-scope.ts";
import { refresh } from "../../src/oauth/client/refresh-token-grant.ts";
import type { IssuedTokens } from "../../src/oauth/client/settings.ts";
import { revoke } from "../../src/oauth/client/token-revocation.ts";
import { impliedMail, impliedOAuth } from "../../src/provider/implied-settings.ts";
import { presets } from "../../src/provider/table.ts";
import { createOutages } from "../../src/proxy/outages.ts";
import { createUpstreamLogins } from "../../src/proxy/upstream-login.ts";
import { accessToken, type RefreshToken, refreshToken, upstreamPassword } from "../../src/secret/secret.ts";
import { createTestAuthority, type TestAuthority } from "../support/authority.ts";
import { failureOf } from "../support/failure-of.ts";
import { CODE, formsAskedOf } from "../support/preset-authorization-server.ts";
import { heardBy, linesOf } from "../support/preset-mail-server.ts";
import { DEAD_TOKEN, type ImapRecord, type OAuthRecord, type SmtpRecord } from "../support/preset-record.ts";
import { oauthRecords } from "../support/preset-records.ts";
import { passwordRecords } from "../support/preset-records-password.ts";
import {
  APP_PASSWORD,
  browse,
  formatPlace,
  hurriedClock,
  logInAt,
  type MailWorld,
  type OAuthWorld,
  oauthAccount,
  oauthPreset,
  openOAuthWorld,
  openPasswordWorld,
  passwordAccount,
  passwordPreset,
  readable,
  recordedPlace,
  settingsFor,
} from "../support/preset-world.ts";
import { trustInThisProcess } from "../support/trust.ts";

let authority: TestAuthority;

beforeAll(async () => {
  authority = await createTestAuthority();
  trustInThisProcess(authority);
});

test("every preset has its row, but the one that another program stands in for", () => {
  const rows = [...oauthRecords, ...passwordRecords].map(({ id }) => id);
  expect([...rows, "proton"].sort()).toEqual(presets.map(({ id }) => id).sort());
  expect(passwordPreset("proton").instead?.name).toBe("Proton Mail Bridge");
  expect(impliedMail(passwordPreset("proton"), "alice@proton.me")).toBeUndefined();
});

describe.each(oauthRecords)("$id", (record) => {
  let world: OAuthWorld;
  let attempts: AuthorizationAttempt[] = [];
  beforeAll(async () => {
    world = await openOAuthWorld(record, authority);
  });
  afterEach(() => {
    for (const attempt of attempts) attempt.cancel();
    attempts = [];
    world.provider.forget();
  });
  afterAll(() => world.close());

  /** A sign-in that has begun; `accepted` gets its tokens. */
  async function begin(accepted: IssuedTokens[]): Promise<AuthorizationAttempt> {
    const attempt = await startAuthorization({
      servers: world.servers,
      settings: settingsFor(record),
      loginHint: record.email,
      clock: systemClock,
      async accept(tokens) {
        accepted.push(tokens);
        return { kind: "kept" };
      },
    });
    attempt.completed.catch(() => {});
    attempts.push(attempt);
    return attempt;
  }

  /** The redirect is listened at; where nobody can listen, the person pastes where the browser ended. */
  const isPasted = record.redirectUri.startsWith("https:");
  const asked = () => formsAskedOf(world.provider, record);
  const client = {
    client_id: record.clientId,
    ...(record.clientSecret === undefined ? {} : { client_secret: record.clientSecret }),
  };

  test("says who it is, what it wants of clients and how people sign in, as recorded", () => {
    const preset = oauthPreset(record.id);
    const { addresses, clientSecret } = impliedOAuth(preset);
    const isFound = record.metadata !== undefined;
    expect(addresses?.issuer).toBe(isFound ? undefined : record.issuer);
    expect(clientSecret).toBe(record.secretRule);
    expect(record.clientSecret !== undefined).toBe(record.secretRule === "required");
    expect(preset.oauth.responseIssuer).toBe(isFound ? undefined : record.redirectExtras.iss);
    expect(preset.oauth.device.flow).toBe(record.device.flow);
  });

  test("is asked for an authorization and for tokens as recorded, and its answer is understood", async () => {
    const accepted: IssuedTokens[] = [];
    const attempt = await begin(accepted);
    const location = await browse(world, attempt.authorizationUrl);
    if (isPasted) attempt.answer(location);
    else await fetch(location);
    expect(await attempt.completed).toEqual({ kind: "kept" });

    const { port } = new URL(attempt.redirectUri);
    const redirectUri = record.redirectUri.replace("{port}", port);
    expect(attempt.redirectUri).toBe(redirectUri);
    expect(asked()).toEqual([
      {
        line: `GET ${record.authorization}`,
        form: {
          response_type: "code",
          client_id: record.clientId,
          redirect_uri: redirectUri,
          scope: record.scope,
          state: "{state}",
          code_challenge: "{challenge}",
          code_challenge_method: "S256",
          login_hint: record.email,
          ...record.parameters,
        },
      },
      {
        line: `POST ${record.token}`,
        form: {
          grant_type: "authorization_code",
          code: CODE,
          redirect_uri: redirectUri,
          code_verifier: "{verifier}",
          ...client,
        },
      },
    ]);
    expect(accepted.map(readable)).toEqual([
      {
        accessToken: record.issued.access_token,
        refreshToken: record.issued.refresh_token,
        lifetime: record.understood.lifetime,
        identity: record.understood.identity,
        tokenEndpoint: record.token,
      },
    ]);
    const addresses = [record.authorization, record.token, ...Object.keys(record.metadata ?? {})];
    expect(new Set(world.internet.asked)).toEqual(
      new Set(addresses.map((address) => `${new URL(address).host}:443`)),
    );
    const [tokens] = accepted;
    expect(missingScopes(record.scope, tokens?.scope)).toEqual([]);
    expect(grantsNoMail(record.scope, tokens?.scope)).toBe(false);
  });

  test("is not believed under another issuer's name", async () => {
    world.provider.sayIssuer("https://login.evil.example");
    const accepted: IssuedTokens[] = [];
    const attempt = await begin(accepted);
    const location = await browse(world, attempt.authorizationUrl);
    expect(new URL(location).searchParams.get("iss")).toBe("https://login.evil.example");
    const failure = isPasted
      ? await failureOf(() => attempt.answer(location))
      : await failureOf(fetch(location).then(() => attempt.completed));
    expect(failure.code).toBe(isPasted ? "answer-unusable" : "sign-in-answer-refused");
    expect(accepted).toEqual([]);
    expect(asked().map(({ line }) => line)).toEqual([`GET ${record.authorization}`]);
  });

  test("renews the sign-in as recorded, and what it rotates is kept", async () => {
    const kept: string[] = [];
    const keep = async (rotated: RefreshToken): Promise<void> => void kept.push(rotated.reveal());
    const current = refreshToken(String(record.issued.refresh_token));
    const tokens = await refresh(world.servers, settingsFor(record), current, keep);
    expect(asked()).toEqual([
      {
        line: `POST ${record.token}`,
        form: { grant_type: "refresh_token", refresh_token: record.issued.refresh_token, ...client },
      },
    ]);
    expect(tokens.accessToken.reveal()).toBe(record.renewed.access_token);
    expect(tokens.lifetime).toBe(record.understood.lifetime);
    expect(kept).toEqual(record.understood.kept);
  });

  test("withdraws the sign-in where it has an address for that, and only there", async () => {
    const current = refreshToken(String(record.issued.refresh_token));
    const done = await revoke(world.servers, settingsFor(record), current);
    expect(done).toBe(record.revocation === undefined ? "not-offered" : "done");
    expect(asked()).toEqual(
      record.revocation === undefined
        ? []
        : [
            {
              line: `POST ${record.revocation}`,
              form: { token: record.issued.refresh_token, token_type_hint: "refresh_token", ...client },
            },
          ],
    );
  });

  const { device } = record;
  const beginDevice = (accepted: IssuedTokens[], waits: number[] = []) =>
    startDeviceAuthorization({
      servers: createAuthorizationServers(systemClock, world.internet.fetch),
      settings: settingsFor(record),
      clock: hurriedClock(waits),
      async accept(tokens) {
        accepted.push(tokens);
        return { kind: "kept" };
      },
    });
  if (device.flow === "offered") {
    test("signs in by device, asked as recorded", async () => {
      const accepted: IssuedTokens[] = [];
      const waits: number[] = [];
      const attempt = await beginDevice(accepted, waits);
      const { userCode, verificationUri, verificationUriComplete } = attempt;
      expect([userCode, verificationUri, verificationUriComplete]).toEqual([
        device.answer.user_code,
        device.page,
        device.pageWithCode,
      ]);
      expect(await attempt.completed).toEqual({ kind: "kept" });
      const question = { line: `POST ${record.token}`, form: { ...device.asks, ...client } };
      expect(asked()).toEqual([
        { line: `POST ${device.endpoint}`, form: { scope: record.scope, ...device.begins, ...client } },
        question,
        question,
      ]);
      expect(waits).toEqual([5000, 5000]);
      const { lifetime, identity } = record.understood;
      expect(accepted).toEqual([expect.objectContaining({ lifetime, identity })]);
    });
  } else {
    test("does not sign in by device, and nobody is led there", async () => {
      const { issuer, redirectUri } = settingsFor(record);
      const offersDevice = device.flow === "not-for-mail";
      expect(orderFlows({ issuer, redirectUri, browserHere: false, offersDevice })).not.toContain("device");
      expect((await failureOf(beginDevice([]))).code).toBe("flow-not-offered");
      expect(asked().map(({ line }) => line)).toEqual(
        device.flow === "not-for-mail" ? [`POST ${device.endpoint}`] : [],
      );
    });
  }

  describe.each(["imap", "smtp"] as const)("%s", (protocol) => {
    const server: ImapRecord | SmtpRecord = record[protocol];
    const token = String(record.issued.access_token);
    const logIn = (text: string) =>
      logInAt(world, protocol, oauthAccount(record), { kind: "bearer", accessToken: accessToken(text) });

    test("lies where it is recorded, and takes what is recorded", () => {
      expect(formatPlace(oauthAccount(record)[protocol])).toBe(recordedPlace(server));
      expect(oauthPreset(record.id).mail[protocol].accepts).toEqual(server.accepts);
    });

    if (server.accepts.includes("oauth")) {
      test("is logged in to with the recorded octets", async () => {
        await logIn(token);
        expect(heardBy(world[protocol])).toEqual(linesOf(server, server.message.replace("{token}", token)));
        expect(world[protocol].connections.at(-1)?.serverName()).toBe(server.place.split(":")[0]);
      });

      test("refuses a token in its own way, and is understood", async () => {
        const failure = await failureOf(logIn(DEAD_TOKEN));
        expect(failure.code).toBe("upstream-refused");
        expect(failure.detail).toContain(server.told);
        const upToTheMessage = server.says.slice(
          0,
          server.says.findIndex((line) => line.includes("{message}")) + 1,
        );
        expect(heardBy(world[protocol])).toEqual([
          ...linesOf({ says: upToTheMessage }, server.message.replace("{token}", DEAD_TOKEN)),
          ...(server.challenge === undefined ? [] : [server.failureReply]),
        ]);
      });
    } else {
      test("is not sent a token, since it announces no way to take one", async () => {
        const failure = await failureOf(logIn(token));
        expect([failure.code, failure.detail]).toEqual(["upstream-no-mechanism", server.told]);
        const before = server.says.findIndex((line) => line.includes("AUTH"));
        expect(heardBy(world[protocol])).toEqual(server.says.slice(0, before));
      });
    }

    if (server.accepts.some((way) => way !== "oauth")) {
      test("takes a password by PLAIN, under the whole address", async () => {
        const password = upstreamPassword(APP_PASSWORD);
        await logInAt(world, protocol, passwordAccount(record), { kind: "password", password });
        const says = server.says.map((line) => line.replace(/XOAUTH2|OAUTHBEARER/, "PLAIN"));
        expect(heardBy(world[protocol])).toEqual(linesOf({ says }, `^0${record.email}^0${APP_PASSWORD}`));
      });
    }
  });
});

describe.each(passwordRecords)("$id", (record) => {
  let world: MailWorld;
  beforeAll(async () => {
    world = await openPasswordWorld(record, authority);
  });
  afterAll(() => world.close());

  describe.each(["imap", "smtp"] as const)("%s", (protocol) => {
    const server = record[protocol];
    const logIn = (password: string) =>
      logInAt(world, protocol, passwordAccount(record), {
        kind: "password",
        password: upstreamPassword(password),
      });

    test("lies where it is recorded, and takes what is recorded", () => {
      expect(formatPlace(passwordAccount(record)[protocol])).toBe(recordedPlace(server));
      expect(passwordPreset(record.id).mail?.[protocol].accepts).toEqual(server.accepts);
    });

    test("is logged in to by PLAIN with the recorded octets", async () => {
      await logIn(record.password);
      expect(heardBy(world[protocol])).toEqual(linesOf(server, server.message));
    });

    test("refuses another password in its own words", async () => {
      const { code, detail } = await failureOf(logIn("not this one"));
      expect([code, detail]).toEqual([
        "upstream-refused",
        `PLAIN: no reason given; it said ${server.refusal}`,
      ]);
    });
  });
});

describe("what no row shows", () => {
  const rowOf = (id: string): OAuthRecord => {
    const row = oauthRecords.find((one) => one.id === id);
    if (row === undefined) throw new Error(id);
    return row;
  };
  let world: OAuthWorld | undefined;
  afterEach(() => world?.close());

  test("Gmail takes the older mechanism in Google's own example, and a refusal is ended by an empty line", async () => {
    const row = rowOf("google");
    const email = "someuser@example.com";
    const token = "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg";
    world = await openOAuthWorld(
      {
        ...row,
        issued: { ...row.issued, access_token: token },
        imap: { ...row.imap, message: `user=${email}^Aauth=Bearer {token}^A^A` },
      },
      authority,
    );
    const account = { ...oauthAccount(row), email, mechanism: "xoauth2" as const };
    await logInAt(world, "imap", account, { kind: "bearer", accessToken: accessToken(token) });
    expect(heardBy(world.imap)).toEqual([
      "T1 CAPABILITY",
      "T2 AUTHENTICATE XOAUTH2 dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ==",
    ]);
    const dead = logInAt(world, "imap", account, { kind: "bearer", accessToken: accessToken(DEAD_TOKEN) });
    expect((await failureOf(dead)).detail).toContain("XOAUTH2: status 400, scope https://mail.google.com/");
    expect(heardBy(world.imap).slice(2)).toEqual([""]);
  });

  test("Microsoft's servers take the name that the id_token tells, where the mailbox's address is an alias", async () => {
    const row = rowOf("outlook-com");
    world = await openOAuthWorld(row, authority);
    const token = accessToken(String(row.issued.access_token));
    const worked: string[] = [];
    const logins = createUpstreamLogins({
      ...world.means,
      credential: async () => ({ kind: "bearer", accessToken: token }),
      outages: createOutages(systemClock),
      explain: (_account, _protocol, error) => error,
      users: {
        remembered: () => undefined,
        alternative: () => row.understood.identity,
        worked: (_account, protocol, user) => void worked.push(`${protocol} ${user}`),
      },
      checkHosts: async () => {},
    });
    const account = { ...oauthAccount(row), email: "alias@outlook.com" };
    for (const protocol of ["imap", "smtp"] as const) (await logins[protocol](account)).wire.close();
    expect(worked).toEqual(["imap alice@outlook.com", "smtp alice@outlook.com"]);
    expect([world.imap.connections.length, world.smtp.connections.length]).toEqual([2, 2]);
  });
});
