// How far somebody is on the way to a client id, by provider: a file beside the configuration, opened when it is first
// needed. Invariant: nothing secret is in it; a secret is in the keychain before the file says that there is one.
import { z } from "zod";
import type { Clock } from "../../clock/clock.ts";
import { registrationSchema } from "../../control/provider-contract.ts";
import { PosternError } from "../../errors/postern-error.ts";
import { type EntryName, type Keychain, keychainValue } from "../../oauth/keychain/keychain.ts";
import { type ClientSecret, clientSecret } from "../../secret/secret.ts";
import { type Damage, type Document, openDocument } from "../../storage/document.ts";

const fileSchema = z.strictObject({
  version: z.literal(1),
  registrations: z.array(registrationSchema),
});
type File = z.infer<typeof fileSchema>;
export type Registration = File["registrations"][number];

const EMPTY: File = { version: 1, registrations: [] };

/** What is to be remembered; what is left out stays. */
export interface RegistrationChange {
  readonly restart?: boolean | undefined;
  readonly done?: readonly string[] | undefined;
  /** Steps that must be done again, unless `done` names them. */
  readonly undone?: readonly string[] | undefined;
  readonly clientId?: string | undefined;
  /** Null forgets it. */
  readonly clientSecret?: string | null | undefined;
  readonly tenant?: string | undefined;
  readonly issuer?: string | undefined;
}

/** A client id that somebody has registered, ready to sign in with. */
export interface RegisteredClientId {
  readonly clientId: string;
  readonly clientSecret: ClientSecret | undefined;
  readonly tenant: string | undefined;
}

export interface Registrations {
  /** An empty one where nobody has begun. @throws PosternError `state-from-the-future`, `home-unusable` */
  show(provider: string): Promise<Registration>;
  /** @throws PosternError `state-not-saved`, `keychain-…`; then the file is as it was */
  save(provider: string, change: RegistrationChange): Promise<Registration>;
  /** With the secret, for asking the provider about it. @throws PosternError `keychain-…` */
  secretOf(provider: string): Promise<ClientSecret | undefined>;
  /**
   * What `account add` takes where the person names no client id; undefined where nobody has registered one.
   * @param issuer only a client id of this very authorization server, where the server is somebody's own
   * @throws PosternError `keychain-…`
   */
  clientOf(provider: string, issuer?: string): Promise<RegisteredClientId | undefined>;
  damage(): Promise<Damage | undefined>;
}

export function createRegistrations(parts: {
  readonly path: string;
  readonly keychain: Keychain;
  readonly clock: Clock;
}): Registrations {
  const { path, keychain, clock } = parts;
  let opening: Promise<Document<File>> | undefined;

  function open(): Promise<Document<File>> {
    if (opening === undefined) {
      const attempt = openDocument(
        { path, schema: fileSchema, version: 1, empty: EMPTY, migrations: {} },
        clock,
      );
      opening = attempt;
      attempt.catch(() => {
        opening = undefined;
      });
    }
    return opening;
  }

  async function show(provider: string): Promise<Registration> {
    return find((await open()).current(), provider);
  }

  async function secretOf(provider: string): Promise<ClientSecret | undefined> {
    if (!(await show(provider)).hasClientSecret) return undefined;
    const entry = await keychain.read(secretName(provider));
    if (entry === undefined) throw new PosternError("keychain-entry-missing", { detail: provider });
    return clientSecret(entry.current.value.reveal());
  }

  return {
    show,
    secretOf,

    async save(provider, change) {
      const document = await open();
      const { clientSecret: secret } = change;
      if (typeof secret === "string") await keychain.replace(secretName(provider), keychainValue(secret));
      await document.change((file) => ({
        ...file,
        registrations: [
          ...file.registrations.filter((one) => one.provider !== provider),
          applyChange(find(file, provider), change),
        ],
      }));
      if (typeof secret === "string") await keychain.dropPredecessor(secretName(provider));
      const forgets = secret === null || (change.restart === true && secret === undefined);
      if (forgets) await keychain.remove(secretName(provider));
      return show(provider);
    },

    async clientOf(provider, issuer) {
      const registration = await show(provider);
      const { clientId, tenant } = registration;
      if (clientId === undefined || registration.issuer !== issuer) return undefined;
      return { clientId, tenant, clientSecret: await secretOf(provider) };
    },

    damage: async () => (await open()).damage,
  };
}

function find({ registrations }: File, provider: string): Registration {
  return registrations.find((one) => one.provider === provider) ?? emptyFor(provider);
}

function emptyFor(provider: string): Registration {
  return { provider, done: [], hasClientSecret: false };
}

function applyChange(before: Registration, change: RegistrationChange): Registration {
  const { restart = false, done = [], undone = [], clientSecret: secret, clientId, tenant, issuer } = change;
  const base = restart ? emptyFor(before.provider) : before;
  const kept = base.done.filter((id) => !undone.includes(id));
  return {
    ...base,
    done: [...new Set([...kept, ...done])],
    hasClientSecret: secret === undefined ? base.hasClientSecret : secret !== null,
    ...(clientId === undefined ? {} : { clientId }),
    ...(tenant === undefined ? {} : { tenant }),
    ...(issuer === undefined ? {} : { issuer }),
  };
}

/** Accounts have sixteen hexadecimal digits for an id, so none is called so. */
function secretName(provider: string): EntryName {
  return { purpose: "client-secret", accountId: `provider-${provider}` };
}
