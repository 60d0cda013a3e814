// `postern provider register`: walked at a terminal and without one, stopped and gone on with.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ProviderDaemon } from "../../../src/cli/provider-daemon.ts";
import { type RegisterOptions, register } from "../../../src/cli/provider-register.ts";
import type { Outcome, Person } from "../../../src/cli/registration-walk.ts";
import type { ProviderRequest, Registration } from "../../../src/control/provider-contract.ts";
import type { ProviderPreset } from "../../../src/provider/preset.ts";
import { google } from "../../../src/provider/presets/google.ts";
import { icloud } from "../../../src/provider/presets/icloud.ts";
import { stalwart } from "../../../src/provider/presets/stalwart.ts";
import { findPreset } from "../../../src/provider/table.ts";
import { captureOutput } from "../../support/captured-output.ts";
import { failureOf } from "../../support/failure-of.ts";
import { createOAuthPreset } from "../../support/provider-preset.ts";
import { createAccountView } from "../../support/small-daemon.ts";
import { createTemporaryFolder } from "../../support/temporary-folder.ts";

const PASSED: Outcome = { result: "passed", sentence: "The sign-in page is there." };
const FAILED: Outcome = {
  result: "failed",
  sentence: "It does not know this client id.",
  action: "Look again.",
};

/** A daemon that remembers, and whose checks say what the test wants. */
function createDaemon(checks: readonly Outcome[] = []) {
  const registrations = new Map<string, Registration>();
  const secrets = new Map<string, string>();
  const asked: string[] = [];
  const left = [...checks];
  const accounts: Awaited<ReturnType<ProviderDaemon["accounts"]>> = [];
  const show = (provider: string): Registration =>
    registrations.get(provider) ?? { provider, done: [], hasClientSecret: false };

  function save({
    provider,
    restart,
    done = [],
    clientSecret,
    ...values
  }: ProviderRequest<"registration.save">) {
    const base = restart ? { provider, done: [], hasClientSecret: false } : show(provider);
    if (typeof clientSecret === "string") secrets.set(provider, clientSecret);
    const next: Registration = {
      ...base,
      ...values,
      done: [...new Set([...base.done, ...done])],
      hasClientSecret: base.hasClientSecret || typeof clientSecret === "string",
    };
    registrations.set(provider, next);
    return { registration: next };
  }

  const answers: Readonly<Record<string, (request: never) => unknown>> = {
    "registration.show": ({ provider }: ProviderRequest<"registration.show">) => ({
      registration: show(provider),
    }),
    "registration.save": save,
    "registration.check": ({ check }: ProviderRequest<"registration.check">) => {
      asked.push(check);
      return left.shift() ?? PASSED;
    },
  };
  const ask = async (method: string, request: never) => answers[method]?.(request);
  const daemon: ProviderDaemon = { ask: ask as ProviderDaemon["ask"], accounts: async () => accounts };
  return { daemon, show, secrets, asked, accounts };
}

/** Somebody who types these lines, and is gone after the last. */
function createPerson(...lines: readonly string[]): Person & { readonly questions: string[] } {
  const left = [...lines];
  const questions: string[] = [];
  const next = async (question: string) => {
    questions.push(question);
    return left.shift();
  };
  return { questions, line: next, secret: next };
}

async function run(
  options: RegisterOptions,
  parts: {
    readonly daemon: ProviderDaemon;
    readonly person?: Person;
    readonly preset?: ProviderPreset;
  },
) {
  const output = captureOutput();
  const exitCode = await register(parts.preset ?? createOAuthPreset(), options, {
    connect: async () => parts.daemon,
    person: parts.person,
  });
  return { exitCode, stdout: output.stdout(), stderr: output.stderr() };
}

function fileWith(text: string): string {
  const path = join(createTemporaryFolder(), "secret");
  writeFileSync(path, text);
  return path;
}

describe("without a terminal", () => {
  test("the first step is shown, with what to copy alone on its line, and the command that goes on", async () => {
    const { daemon } = createDaemon();
    const { exitCode, stdout, stderr } = await run({}, { daemon });
    expect(stdout).toContain("Use an app password.");
    expect(stdout).toContain(
      "Step 1 of 5: Register\n  Press New.\n  Redirect URI:\n    http://127.0.0.1/callback\n",
    );
    expect(stderr).toBe("Go on with: postern provider register example --done app\n");
    expect(exitCode).toBe(6);
  });

  test("each run goes on where the last one stopped, to the end", async () => {
    const { daemon, asked, accounts } = createDaemon();
    const next = async (options: RegisterOptions) => (await run(options, { daemon })).stderr.trim();
    expect(await next({ done: ["app"] })).toBe(
      "Go on with: postern provider register example --done publish",
    );
    expect(await next({ done: ["publish"] })).toBe(
      "Go on with: postern provider register example --client-id ID",
    );
    expect(await next({ clientId: "c-12" })).toContain("postern account add EMAIL");
    expect(asked).toEqual(["authorize-endpoint-accepts"]);

    accounts.push(createAccountView({ clientId: "another", status: { kind: "working", sentence: "" } }));
    accounts.push(createAccountView({ clientId: "c-12", status: { kind: "signed-out", sentence: "" } }));
    expect((await run({}, { daemon })).exitCode).toBe(6);
    accounts.push(createAccountView({ clientId: "c-12", status: { kind: "working", sentence: "" } }));
    const { exitCode, stderr } = await run({}, { daemon });
    expect(stderr).toContain("Done. Mailboxes at Example Mail use this client id by themselves");
    expect(exitCode).toBe(0);
  });

  test("everything may be given at once", async () => {
    const { daemon, show } = createDaemon();
    const { exitCode } = await run({ done: ["app", "publish"], clientId: "c-12" }, { daemon });
    expect(exitCode).toBe(6);
    expect(show("example")).toMatchObject({
      clientId: "c-12",
      done: ["app", "publish", "client-id", "look"],
    });
  });

  test("a failed check stops there, ends with 1, and is looked at again next time", async () => {
    const { daemon, asked, show } = createDaemon([FAILED]);
    const first = await run({ done: ["app", "publish"], clientId: "c-12" }, { daemon });
    expect(first.exitCode).toBe(1);
    expect(first.stdout).toContain("■ It does not know this client id.\n  Look again.\n");
    expect(first.stderr).toBe(
      "Look again with: postern provider register example\nIf you know that it is right: postern provider register example --done look\n",
    );
    expect(show("example").done).not.toContain("look");
    const second = await run({}, { daemon });
    expect(second.stdout).toContain("● The sign-in page is there.");
    expect(asked).toHaveLength(2);
  });

  test("a provider that cannot be asked is another matter than one that refuses: 75", async () => {
    const { daemon } = createDaemon([{ result: "unclear", sentence: "It does not answer." }]);
    const { exitCode } = await run({ done: ["app", "publish"], clientId: "c-12" }, { daemon });
    expect(exitCode).toBe(75);
  });

  test("who knows better may call a step done", async () => {
    const { daemon, asked } = createDaemon([FAILED]);
    const { exitCode } = await run({ done: ["app", "publish", "look"], clientId: "c-12" }, { daemon });
    expect([exitCode, asked]).toEqual([6, []]);
  });

  test("--restart begins again", async () => {
    const { daemon, show } = createDaemon();
    await run({ done: ["app", "publish"], clientId: "c-12" }, { daemon });
    const { stdout } = await run({ restart: true }, { daemon });
    expect(stdout).toContain("Step 1 of 5");
    expect(show("example")).toEqual({ provider: "example", done: [], hasClientSecret: false });
  });

  test("the secret comes from a file, and is nowhere in what is printed", async () => {
    const { daemon, secrets } = createDaemon();
    const options = {
      done: google.registration?.steps.slice(0, 5).map(({ id }) => id) ?? [],
      clientId: "123-abc.apps.googleusercontent.com",
      clientSecretFile: fileWith("GOCSPX-s3cret\n"),
    };
    const { stdout, stderr } = await run(options, { daemon, preset: google });
    expect(secrets.get("google")).toBe("GOCSPX-s3cret");
    expect(stdout + stderr).not.toContain("s3cret");
    expect(stdout).toContain("See whether Google knows it");
  });
});

describe("what is refused before the daemon is told", () => {
  test.each<[RegisterOptions, RegExp]>([
    [{ clientId: "d-1" }, /does not look like one of Example Mail; if it is one, add --done client-id/],
    [{ done: ["nonsense"] }, /the steps are app, publish, client-id, look, sign-in/],
    [{ tenant: "a..b" }, /is no tenant/],
  ])("%j", async (options, detail) => {
    const { daemon, show } = createDaemon();
    const failure = await failureOf(run(options, { daemon }));
    expect([failure.code, failure.detail]).toEqual(["request-invalid", expect.stringMatching(detail)]);
    expect(show("example").clientId).toBeUndefined();
  });

  test("unless the person insists on the client id", async () => {
    const { daemon, show } = createDaemon();
    await run({ clientId: "d-1", done: ["client-id"] }, { daemon });
    expect(show("example").clientId).toBe("d-1");
  });
});

describe("at a terminal", () => {
  test("one run goes all the way to the sign-in", async () => {
    const { daemon, show } = createDaemon();
    const person = createPerson("", "", "c-12");
    const { exitCode, stdout, stderr } = await run({}, { daemon, person });
    expect([...stdout.matchAll(/^Step (\d)/gm)].map(([, number]) => number)).toEqual([
      "1",
      "2",
      "3",
      "4",
      "5",
    ]);
    expect(show("example").clientId).toBe("c-12");
    expect(stderr).toContain("postern account add EMAIL");
    expect(exitCode).toBe(6);
  });

  test.each([["s"], ["stop"], ["S "]])("%j stops, and what was done is kept", async (answer) => {
    const { daemon, show } = createDaemon();
    const { exitCode, stderr } = await run({}, { daemon, person: createPerson("", answer) });
    expect(show("example").done).toEqual(["app"]);
    expect(stderr).toContain("--done publish");
    expect(exitCode).toBe(6);
  });

  test("somebody who has gone is not waited for", async () => {
    const { daemon, show } = createDaemon();
    expect((await run({}, { daemon, person: createPerson() })).exitCode).toBe(6);
    expect(show("example").done).toEqual([]);
  });

  test("a client id of another shape is asked about again, and may be insisted on", async () => {
    const { daemon, show } = createDaemon();
    const person = createPerson("", "", "  ", "d-1", "n", "d-2", "yes");
    const { stdout } = await run({}, { daemon, person });
    expect(stdout).toContain("This does not look like a client id of Example Mail.");
    expect(show("example").clientId).toBe("d-2");
  });

  test("a failed check can be looked at again, with another client id", async () => {
    const { daemon, show, asked } = createDaemon([FAILED, FAILED]);
    const person = createPerson("", "", "c-1", "", "i", "c-2");
    const { stdout } = await run({}, { daemon, person });
    expect(asked).toHaveLength(3);
    expect(show("example")).toMatchObject({ clientId: "c-2" });
    expect(show("example").done).toContain("look");
    // Shown once, however often it is tried.
    expect(stdout.match(/Step 4 of 5/g)).toHaveLength(1);
  });

  test("a failed check can be passed over", async () => {
    const { daemon, show } = createDaemon([FAILED]);
    await run({}, { daemon, person: createPerson("", "", "c-1", "g") });
    expect(show("example").done).toContain("look");
  });

  test("the secret is asked for where nothing is echoed", async () => {
    const { daemon, secrets, show } = createDaemon();
    const done = google.registration?.steps.slice(0, 6).map(({ id }) => id) ?? [];
    await daemon.ask("registration.save", {
      provider: "google",
      done,
      clientId: "123-abc.apps.googleusercontent.com",
    });
    const hidden: string[] = [];
    const person: Person = {
      line: async () => undefined,
      async secret(question) {
        hidden.push(question);
        return "GOCSPX-s3cret";
      },
    };
    const { stdout, stderr } = await run({}, { daemon, person, preset: google });
    expect(hidden).toEqual(["Client secret (not shown): "]);
    expect(secrets.get("google")).toBe("GOCSPX-s3cret");
    expect(show("google").done).toContain("client-secret");
    expect(stdout + stderr).not.toContain("s3cret");
  });

  test("a tenant may be left out, and is then Microsoft's word for all organisations", async () => {
    const preset = findPreset("microsoft-365");
    if (preset === undefined) throw new Error("no such preset");
    const { daemon, asked, show } = createDaemon();
    const person = createPerson("", "11112222-3333-4444-5555-666677778888", "", "s");
    await run({}, { daemon, person, preset });
    expect(person.questions).toContain("Tenant (Enter for organizations): ");
    expect(asked).toEqual(["tenant-exists"]);
    expect(show("microsoft-365")).not.toHaveProperty("tenant");
    expect(show("microsoft-365").done).toContain("tenant");
  });
});

describe("JSON", () => {
  test("is the whole guide with its values, how far it is, and the command that goes on", async () => {
    const { daemon } = createDaemon([FAILED]);
    const { exitCode, stdout, stderr } = await run(
      { json: true, done: ["app", "publish"], clientId: "c-12" },
      { daemon },
    );
    const guide = JSON.parse(stdout);
    expect(guide).toMatchObject({
      provider: "example",
      how: "self-service",
      shortWay: "Use an app password.",
      clientId: "c-12",
      usable: true,
      checks: [FAILED],
      next: { id: "look", command: "postern provider register example" },
    });
    expect(guide.steps.map(({ state }: { state: string }) => state)).toEqual([
      "done",
      "done",
      "done",
      "next",
      "open",
    ]);
    expect(guide.steps[0].copy).toEqual([{ label: "Redirect URI", value: "http://127.0.0.1/callback" }]);
    expect([exitCode, stderr]).toEqual([1, ""]);
  });

  test("says that Gmail has a short way and must be published", async () => {
    const { daemon } = createDaemon();
    const guide = JSON.parse((await run({ json: true }, { daemon, preset: google })).stdout);
    expect(guide.shortWay).toMatch(/app password/);
    expect(guide.steps.map(({ title }: { title: string }) => title)).toContain("Publish");
  });
});

describe("a provider without a way to a client id", () => {
  const nobody = { connect: () => Promise.reject(new Error("asked for a daemon")), person: undefined };

  test.each([
    [icloud, /^iCloud Mail needs no client id\. Mail programs sign in there with: App-specific password\./],
    [stalwart, /^Stalwart needs no client id\. /],
  ])("$name is explained without a daemon", async (preset, text) => {
    const output = captureOutput();
    expect(await register(preset, {}, nobody)).toBe(0);
    expect(output.stdout()).toMatch(text);
  });

  test("ends with a word that there is none, where the last step brings none", async () => {
    const preset = findPreset("comcast");
    if (preset === undefined) throw new Error("no such preset");
    const { daemon } = createDaemon();
    const done = preset.registration?.steps.map(({ id }) => id) ?? [];
    const { exitCode, stderr } = await run({ done }, { daemon, preset });
    expect(stderr).toContain("It brings no client id that Postern could use.");
    expect(exitCode).toBe(6);
  });
});
