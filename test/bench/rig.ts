// What all contenders stand in front of: one authority, one TLS stub, one load process, one folder for everything.
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestAuthority, type TestAuthority } from "../support/authority.ts";
import { type Load, type Stub, startLoad, startStub } from "./children.ts";

export interface Rig {
  /** Removed at the end. Open to other users, as Dovecot's processes need it. */
  readonly folder: string;
  readonly authority: TestAuthority;
  readonly authorityFile: string;
  readonly stub: Stub;
  readonly load: Load;
  close(): Promise<void>;
}

export async function createRig(): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), "bench-"));
  await chmod(folder, 0o711);
  const authority = await createTestAuthority();
  const issued = await authority.issue(["localhost", "127.0.0.1"]);
  const [key, certificate] = [join(folder, "stub.key"), join(folder, "stub.pem")];
  await writeFile(key, issued.key, { mode: 0o600 });
  await writeFile(certificate, issued.certificate);
  const stub = await startStub(key, certificate);
  const load = startLoad();
  return {
    folder,
    authority,
    authorityFile: await authority.writeTo(folder),
    stub,
    load,
    async close() {
      await Promise.all([stub.stop(), load.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const USER = "alice@example.test";
/** The stub takes any; all contenders but Postern, which has one of its own, send this one. */
export const ACCESS_TOKEN = "an-access-token-that-opens-nothing";

/** For those who send it inline: the initial response in base64. */
export const XOAUTH2_MESSAGE = Buffer.from(`user=${USER}\x01auth=Bearer ${ACCESS_TOKEN}\x01\x01`).toString(
  "base64",
);
