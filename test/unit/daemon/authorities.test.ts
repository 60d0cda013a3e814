import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../src/clock/clock.ts";
import {
  authorities,
  type CertificateStores,
  createAuthorities,
  trustAuthorities,
} from "../../../src/daemon/authorities.ts";
import { dial } from "../../../src/mail/dial/dial.ts";
import { createTestAuthority } from "../../support/authority.ts";
import { failureOf } from "../../support/failure-of.ts";
import { startScriptedServer } from "../../support/scripted-server.ts";
import { createTemporaryFolder } from "../../support/temporary-folder.ts";

let own: string;
let ofSystem: string;
let ofFile: string;

beforeAll(async () => {
  const three = await Promise.all([createTestAuthority(), createTestAuthority(), createTestAuthority()]);
  [own = "", ofSystem = "", ofFile = ""] = three.map(({ certificatePem }) => certificatePem.trim());
});

function fileWith(text: string): string {
  const path = join(createTemporaryFolder(), "authorities.pem");
  writeFileSync(path, text);
  return path;
}

/** Stores with `own` and `ofSystem`; each set that was put in place is in `replaced`. */
function fakeStores(changes: Partial<CertificateStores> = {}) {
  const replaced: (readonly string[])[] = [];
  const calls = { system: 0 };
  const stores: CertificateStores = {
    current: () => replaced.at(-1) ?? [own],
    system() {
      calls.system += 1;
      return [ofSystem];
    },
    replace: (certificates) => void replaced.push(certificates),
    ...changes,
  };
  return { stores, replaced, calls };
}

test("Node's own, the system's and the file's are trusted, and only once somebody is about to connect", async () => {
  const { stores, replaced, calls } = fakeStores();
  const { trust, putInPlace } = createAuthorities(stores);
  await trust({ authorityFile: fileWith(`words\n${ofFile}\nmore words`), systemAuthorities: true });
  expect({ replaced, calls }).toEqual({ replaced: [], calls: { system: 0 } });
  putInPlace();
  expect(replaced).toEqual([[own, ofSystem, ofFile]]);
  putInPlace();
  expect(replaced).toHaveLength(1);
});

test("what is not wanted is not read, and where nothing is wanted nothing is replaced", async () => {
  const { stores, replaced, calls } = fakeStores();
  const { trust, putInPlace } = createAuthorities(stores);
  putInPlace();
  await trust({ authorityFile: undefined, systemAuthorities: false });
  putInPlace();
  expect({ replaced, calls }).toEqual({ replaced: [], calls: { system: 0 } });
});

test("what is no longer wanted is no longer trusted", async () => {
  const { stores, replaced } = fakeStores();
  const { trust, putInPlace } = createAuthorities(stores);
  await trust({ authorityFile: fileWith(ofFile), systemAuthorities: true });
  putInPlace();
  await trust({ authorityFile: undefined, systemAuthorities: false });
  putInPlace();
  expect(replaced.at(-1)).toEqual([own]);
});

test("a certificate that several stores have is there once", async () => {
  const { stores, replaced } = fakeStores({ system: () => [ofSystem, own, ofSystem] });
  const { trust, putInPlace } = createAuthorities(stores);
  await trust({ authorityFile: undefined, systemAuthorities: true });
  putInPlace();
  expect(replaced).toEqual([[own, ofSystem]]);
});

test.each([
  ["is missing", () => join(createTemporaryFolder(), "absent.pem"), "absent.pem: ENOENT"],
  ["has no certificate", () => fileWith("nothing"), "has no certificate"],
  [
    "has a damaged one",
    () => fileWith(`${ofFile}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`),
    "cannot be read",
  ],
])("a file that %s is refused, and what was trusted stays", async (_what, path, detail) => {
  const { stores, replaced } = fakeStores();
  const { trust, putInPlace } = createAuthorities(stores);
  await trust({ authorityFile: undefined, systemAuthorities: true });
  putInPlace();
  const failure = await failureOf(trust({ authorityFile: path(), systemAuthorities: false }));
  expect(failure.code).toBe("authority-file-unusable");
  expect(failure.detail).toContain(detail);
  putInPlace();
  expect(replaced).toEqual([[own, ofSystem]]);
});

test("a system store that cannot be read keeps nobody else from being trusted", async () => {
  const { stores, replaced } = fakeStores({
    system() {
      throw Object.assign(new Error("broken"), { code: "ERR_OSSL_X" });
    },
  });
  const { trust, putInPlace, systemFailure } = createAuthorities(stores);
  await trust({ authorityFile: fileWith(ofFile), systemAuthorities: true });
  expect(systemFailure()).toBeUndefined();
  putInPlace();
  expect(replaced).toEqual([[own, ofFile]]);
  expect(systemFailure()).toBe("ERR_OSSL_X");
});

test("a system certificate that OpenSSL refuses costs only itself", async () => {
  const damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
  const { stores, replaced } = fakeStores({ system: () => [ofSystem, damaged] });
  const picky: CertificateStores = {
    ...stores,
    replace(certificates) {
      if (certificates.includes(damaged)) throw new Error("PEM routines");
      stores.replace(certificates);
    },
  };
  const { trust, putInPlace, systemFailure } = createAuthorities(picky);
  await trust({ authorityFile: undefined, systemAuthorities: true });
  putInPlace();
  expect(replaced).toEqual([[own, ofSystem]]);
  expect(systemFailure()).toContain("some of its certificates cannot be read");
});

test("a system store that is refused as a whole is left out", async () => {
  const { stores, replaced } = fakeStores();
  const picky: CertificateStores = {
    ...stores,
    replace(certificates) {
      if (certificates.includes(ofSystem)) throw new Error("PEM routines");
      stores.replace(certificates);
    },
  };
  const { trust, putInPlace } = createAuthorities(picky);
  await trust({ authorityFile: undefined, systemAuthorities: true });
  putInPlace();
  expect(replaced).toEqual([[own]]);
});

test("in this very process a mail server is trusted because of the file, with the system's real store beside it", async () => {
  const authority = await createTestAuthority();
  const server = await startScriptedServer({
    tls: await authority.issue(["localhost"]),
    script: (connection) => connection.write("* OK\r\n"),
  });
  const endpoint = { host: "localhost", port: server.port, tls: "implicit" } as const;
  const file = fileWith(authority.certificatePem);

  await trustAuthorities({ authorityFile: file, systemAuthorities: true });
  authorities.putInPlace();
  expect(authorities.systemFailure()).toBeUndefined();
  (await dial(endpoint, systemClock)).destroy();

  await trustAuthorities({ authorityFile: undefined, systemAuthorities: true });
  authorities.putInPlace();
  expect((await failureOf(dial(endpoint, systemClock))).code).toBe("upstream-certificate");
  await server.close();
});
