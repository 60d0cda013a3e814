// Dovecot 2.3 as a contender: a login proxy that takes any user's password, and logs in upstream with XOAUTH2.
// Invariant: it reads and writes nothing outside its directory.
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Contender } from "./contender.ts";
import { ACCESS_TOKEN, type Rig } from "./rig.ts";

export const DOVECOT_PROGRAM = "/usr/sbin/dovecot";

export async function createDovecotProxy({ folder, authorityFile, stub }: Rig): Promise<Contender> {
  const directory = join(folder, "d");
  const configuration = join(directory, "dovecot.conf");
  await mkdir(directory);
  await chmod(directory, 0o711);
  return {
    name: "Dovecot login proxy",
    form: { kind: "login", user: "alice@example.test", password: "password" },
    logFile: join(folder, "dovecot.log"),
    async command(port) {
      await writeFile(
        configuration,
        formatConfiguration({ directory, authorityFile, port, upstream: stub.port }),
      );
      return { program: DOVECOT_PROGRAM, arguments: ["-F", "-c", configuration] };
    },
  };
}

interface Facts {
  readonly directory: string;
  readonly authorityFile: string;
  readonly port: number;
  readonly upstream: number;
}

function formatConfiguration({ directory, authorityFile, port, upstream }: Facts): string {
  return `base_dir = ${directory}/run
state_dir = ${directory}/state
instance_name = postern-bench
log_path = /dev/stderr
listen = 127.0.0.1
protocols = imap

# Towards mail programs: plain, as Postern's listeners are.
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
# A login proxy checks the upstream certificate by these two, whatever ssl_client_ca_file says.
ssl_ca = <${authorityFile}
ssl_require_crl = no
# nopassword lets any password in; pass is what goes upstream in its place.
passdb {
  driver = static
  args = proxy=y proxy_mech=xoauth2 host=127.0.0.1 port=${upstream} ssl=yes nopassword=y pass=${ACCESS_TOKEN}
}

default_process_limit = 100
default_client_limit = 10000
default_vsz_limit = 1G
service imap-login {
  # One process for all connections ("high performance mode").
  service_count = 0
  client_limit = 5000
  process_limit = 1
  process_min_avail = 1
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
# Otherwise failed logins make the next one from 127.0.0.1 slower.
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
`;
}
