// A page's whole life by `postern ui`: it adds an account, signs in, tests it, connects a mail program, keeps a client id, signs out. Of
// the codes, tokens and client secrets that go through Postern meanwhile, not one is in anything that the page is answered.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  contract,
  type Method,
  type Request,
  type Response as ResponseOf,
} from "../../src/control/contract.ts";
import { NOT_FOR_A_PAGE } from "../../src/page/page-handler.ts";
import { attemptLogin, attemptMail } from "../support/mail-attempt.ts";
import { type ScriptedTown, startScriptedTown } from "../support/scripted-town.ts";
import { tracesIn } from "../support/secret-traces.ts";
import { eventually } from "../support/town.ts";
import { type PosternUi, startUi } from "../support/window-in-chromium.ts";

const EMAIL = "alice@example.test";
const ACCOUNT_SECRET = "client-secret-of-the-account";
const REGISTERED_SECRET = "client-secret-of-the-registration";

/** They would ask a provider's own servers, or change how this machine starts. */
const NOT_HERE: readonly Method[] = [
  "account.discover",
  "provider.check",
  "registration.check",
  "service.install",
  "service.remove",
];

let town: ScriptedTown;
let ui: PosternUi;
let origin: string;
let bearer: string;
/** Everything that the page was answered, by what it asked. */
const received = new Map<string, string>();
const asked = new Set<Method>();

beforeAll(async () => {
  // So short that a refresh follows.
  town = await startScriptedTown({ idToken: { email: EMAIL, email_verified: true }, expiresIn: 1 });
  ui = await startUi(town.postern);
  const url = new URL(ui.url);
  origin = url.origin;
  const secret = url.hash.replace("#/open?secret=", "");
  ({ bearer } = JSON.parse(await post("/session", { secret })) as { bearer: string });
});
afterAll(async () => {
  await ui?.stop();
  await town?.close();
});

const open = (path: string, body: unknown): Promise<Response> =>
  fetch(origin + path, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${bearer}` },
    body: JSON.stringify(body),
  });

function keep(path: string, text: string): void {
  received.set(path, `${received.get(path) ?? ""}${text}\n`);
}

async function post(path: string, body: unknown): Promise<string> {
  const answer = await open(path, body);
  const text = await answer.text();
  keep(path, `${answer.status} ${JSON.stringify([...answer.headers])} ${text}`);
  return text;
}

async function ask<M extends Method>(method: M, request: Request<M>): Promise<ResponseOf<M>> {
  asked.add(method);
  return JSON.parse(await post(`/control/${method}`, request));
}

/** Keeps what the event stream says, until it is cancelled. */
async function listen(): Promise<() => Promise<void>> {
  const reader = (await open("/control-events", {})).body?.getReader();
  const reading = (async () => {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true };
      if (done) return;
      keep("/control-events", Buffer.from(value ?? []).toString());
    }
  })();
  return async () => {
    await reader?.cancel();
    await reading;
  };
}

async function signIn(): Promise<ResponseOf<"sign-in.wait">> {
  const started = await ask("sign-in.start", { email: EMAIL, flow: "loopback", browserHere: true });
  if (started.flow !== "loopback") throw new Error(`the sign-in began as ${started.flow}`);
  const { attemptId, authorizationUrl } = started;
  const [, outcome] = await Promise.all([town.visit(authorizationUrl), ask("sign-in.wait", { attemptId })]);
  return outcome;
}

const refreshTokens = (): number =>
  town.server.issued.filter((secret) => secret.startsWith("refresh-")).length;

/** However they are written. */
const FORBIDDEN = [
  ["/control/token", 404],
  ["/control/token?x", 404],
  ["/control/%74oken", 404],
  ["/control//token", 404],
  ["/control/Token", 404],
  ["//control/token", 405],
  ["/control/stop", 404],
] as const;

describe("a page", () => {
  test("lives its whole life, and is never answered a token, a code or a client secret", async () => {
    const stopListening = await listen();
    const server = (port: number) => ({ host: "localhost", port, tls: "implicit" }) as const;
    await ask("account.add", {
      settings: {
        kind: "oauth",
        email: EMAIL,
        issuer: town.server.issuer,
        clientId: "postern-test",
        scope: "openid email offline_access",
        redirectUri: "http://127.0.0.1/callback",
        imap: server(town.imap.port),
        smtp: server(town.smtp.port),
        mechanism: "auto",
      },
      clientSecret: ACCOUNT_SECRET,
    });
    const outcome = await signIn();
    expect(JSON.stringify(outcome)).not.toContain("error");
    await ask("account.change", { email: EMAIL, changes: { tokenAccess: true } });
    expect(await ask("account.test", { email: EMAIL })).toMatchObject({ works: true });
    const { password } = await ask("password.create", { email: EMAIL, name: "scanner" });
    const login = { email: EMAIL, password };
    expect(await attemptLogin(town.postern.imapPort, login)).toMatch(/^OK/);
    expect(await attemptMail(town.postern.smtpPort, login)).toMatch(/^250/);
    // What the command line may ask, a page may not.
    expect(town.server.issued).toContain((await town.postern.json("token", EMAIL)).accessToken);
    // As soon as the first has expired there is a second.
    await eventually(async () => {
      await town.postern.json("token", EMAIL);
      return refreshTokens() > 1;
    });
    for (const [path, status] of FORBIDDEN) {
      expect(await post(path, { email: EMAIL })).toMatch(/a page may not ask this|Only GET/);
      expect((received.get(path) ?? "").slice(0, 3), path).toBe(String(status));
    }
    await ask("registration.save", { provider: "google", clientSecret: REGISTERED_SECRET });
    await ask("registration.show", { provider: "google" });
    // A sign-in that a provider refuses, one that is given up, and answers that are none.
    town.server.script = { ...town.server.script, refuseTokens: { error: "invalid_grant" } };
    expect(await signIn()).toMatchObject({ error: {} });
    town.server.script = { idToken: { email: EMAIL, email_verified: true } };
    const givenUp = await ask("sign-in.start", { email: EMAIL, flow: "paste", browserHere: false });
    const { attemptId } = givenUp;
    await ask("sign-in.answer", { attemptId, answer: "no address at all" });
    await ask("sign-in.cancel", { attemptId });
    await ask("sign-in.agree", { attemptId });
    await ask("account.trust", { email: EMAIL, hosts: ["localhost"] });
    await ask("settings.change", { language: "ja" });
    for (const method of ["pause", "resume", "settings.show", "service.show", "provider.list"] as const)
      await ask(method, {});
    await ask("machine.changed", { what: "resumed" });
    for (const method of ["status", "diagnostics.show"] as const) await ask(method, {});
    for (const method of ["account.show", "password.list"] as const) await ask(method, { email: EMAIL });
    await ask("password.revoke", { email: EMAIL, name: "scanner" });
    await ask("account.sign-out", { email: EMAIL, revoke: true });
    await ask("account.remove", { email: EMAIL });
    await eventually(() => (received.get("/control-events") ?? "").includes("account-removed"));
    await stopListening();

    const every = new Set([...asked, ...NOT_HERE, ...NOT_FOR_A_PAGE]);
    expect([...every].sort()).toEqual(Object.keys(contract).sort());
    const secrets = [...town.server.issued, ACCOUNT_SECRET, REGISTERED_SECRET];
    expect(tracesIn(received, ...secrets.map((password) => ({ user: EMAIL, password })))).toEqual([]);
    expect([...received.values()].join()).not.toMatch(/set-cookie|access-control/i);
    // What is looked for would be found.
    expect(tracesIn(received, { user: EMAIL, password })).not.toEqual([]);
  });
});
