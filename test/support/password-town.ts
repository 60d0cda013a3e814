// A town with providers that take passwords: accounts at them, signed in by the control API or by `postern login`, and a
// look into the keychain that Postern keeps.
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type ControlClient, connectToDaemon } from "../../src/control/client.ts";
import type { AccountView, ControlEvent } from "../../src/control/contract.ts";
import { createEncryptedFileKeychain } from "../../src/oauth/keychain/encrypted-file.ts";
import type { EntryName } from "../../src/oauth/keychain/keychain.ts";
import {
  type PasswordAccountSettings,
  type PasswordProvider,
  type PasswordProviderOptions,
  startPasswordProvider,
} from "./password-upstream.ts";
import { type Postern, PROGRAM } from "./postern.ts";
import type { LocalLogin } from "./raw-client.ts";
import { type ProgramResult, runProgram } from "./run-program.ts";
import { startTown, type Town } from "./town.ts";

/** Somebody with a mailbox at a provider that takes passwords. */
export interface Customer extends LocalLogin {
  readonly id: string;
  /** At the provider; `password` is the local one. */
  readonly upstreamPassword: string;
}

export interface PasswordTown {
  readonly town: Town;
  readonly control: ControlClient;
  /** Closed at the end. */
  provider(options?: Partial<PasswordProviderOptions>): Promise<PasswordProvider>;
  /** Adds an account of somebody new, whom the provider knows by this password; nobody has signed in to it. */
  newcomer(provider: PasswordProvider, password?: string): Promise<Customer>;
  /** The same, signed in over the control API. */
  customer(provider: PasswordProvider, password?: string): Promise<Customer>;
  addAccount(settings: PasswordAccountSettings): Promise<AccountView>;
  /** `postern login` with this on standard input. */
  login(email: string, input: string, ...words: readonly string[]): Promise<ProgramResult>;
  statusOf(customer: Pick<Customer, "email">): Promise<AccountView["status"]>;
  /** What the daemon's keychain file holds now for the account. */
  kept(customer: Pick<Customer, "id">, purpose?: EntryName["purpose"]): Promise<string | undefined>;
  /** Lets the daemon's clocks go forward, in milliseconds. */
  pass(milliseconds: number): void;
  close(): Promise<void>;
}

export async function startPasswordTown(): Promise<PasswordTown> {
  const folder = await mkdtemp(join(tmpdir(), "clock-"));
  const clockFile = join(folder, "ahead");
  let ahead = 0;
  writeFileSync(clockFile, "0");
  const clock = pathToFileURL(join(import.meta.dirname, "moved-clock.ts")).href;
  const town = await startTown({
    people: 2,
    postern: { env: { NODE_OPTIONS: `--import ${clock}`, POSTERN_TEST_CLOCK: clockFile } },
  });
  const control = await connectToDaemon(join(town.postern.home, "control.json"));
  const providers: PasswordProvider[] = [];
  let customers = 0;

  const passwordTown: PasswordTown = {
    town,
    control,
    async provider(options = {}) {
      const provider = await startPasswordProvider({ certificate: town.certificate, ...options });
      providers.push(provider);
      return provider;
    },
    async newcomer(provider, upstreamPassword = `mailbox password ${customers}`) {
      customers += 1;
      const email = `customer${customers}@example.test`;
      provider.people.set(email, upstreamPassword);
      const { id } = await passwordTown.addAccount(provider.settings(email));
      const { password } = await control.call("password.create", { email, name: "test" });
      return { id, email, password, upstreamPassword };
    },
    async customer(provider, password) {
      const customer = await passwordTown.newcomer(provider, password);
      await signInWithPassword(control, customer.email, customer.upstreamPassword);
      return customer;
    },
    addAccount: (settings) => control.call("account.add", { settings }),
    login: (email, input, ...words) => loginWithPassword(town.postern, email, input, ...words),
    statusOf: async ({ email }) => (await control.call("account.show", { email })).status,
    async kept({ id }, purpose = "upstream-password") {
      const keychain = createEncryptedFileKeychain({
        path: join(town.postern.home, "keychain.encrypted"),
        keyFile: join(town.postern.folder, "key"),
      });
      return (await keychain.read({ purpose, accountId: id }))?.current.value.reveal();
    },
    pass(milliseconds) {
      ahead += milliseconds;
      writeFileSync(clockFile, String(ahead));
    },
    async close() {
      await town.close();
      await Promise.all(providers.map((provider) => provider.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
  return passwordTown;
}

/** As a front does it. @throws PosternError */
export async function signInWithPassword(
  control: ControlClient,
  email: string,
  password: string,
): Promise<void> {
  const request = { email, flow: "password", browserHere: false, password } as const;
  const { attemptId } = await control.call("sign-in.start", request);
  await control.call("sign-in.wait", { attemptId });
}

/** `postern login` with this on standard input. */
export function loginWithPassword(
  { env }: Postern,
  email: string,
  input: string,
  ...words: readonly string[]
): Promise<ProgramResult> {
  const environment = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  return runProgram(process.execPath, [PROGRAM, "login", email, ...words], { environment, input });
}

/** Collects the control API's events until it is stopped. */
export function collectEvents(control: ControlClient): {
  readonly events: ControlEvent[];
  stop(): Promise<void>;
} {
  const events: ControlEvent[] = [];
  const reader = new AbortController();
  const reading = (async () => {
    for await (const event of control.events(reader.signal)) events.push(event);
  })();
  return {
    events,
    async stop() {
      reader.abort();
      await reading;
    },
  };
}
