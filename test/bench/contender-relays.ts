// stunnel and HAProxy as contenders: plain in, verified TLS out; the mail program sends the token itself.
// Both are as Debian ships them but for their limits, and may resume TLS sessions, which Node does not do by itself.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Contender } from "./contender.ts";
import { type Rig, XOAUTH2_MESSAGE } from "./rig.ts";

export const STUNNEL_PROGRAM = "/usr/bin/stunnel4";
export const HAPROXY_PROGRAM = "/usr/sbin/haproxy";

export function createStunnel({ folder, authorityFile, stub }: Rig): Contender {
  const configuration = join(folder, "stunnel.conf");
  return {
    name: "stunnel4",
    form: { kind: "xoauth2", message: XOAUTH2_MESSAGE },
    logFile: join(folder, "stunnel.log"),
    async command(port) {
      await writeFile(
        configuration,
        `foreground = yes
pid =
syslog = no
debug = warning
socket = l:TCP_NODELAY=1
socket = r:TCP_NODELAY=1

[imap]
client = yes
accept = 127.0.0.1:${port}
connect = 127.0.0.1:${stub.port}
sni = localhost
verifyChain = yes
checkHost = localhost
CAfile = ${authorityFile}
`,
      );
      return { program: STUNNEL_PROGRAM, arguments: [configuration] };
    },
  };
}

export function createHaproxy({ folder, authorityFile, stub }: Rig): Contender {
  const configuration = join(folder, "haproxy.cfg");
  return {
    name: "HAProxy",
    form: { kind: "xoauth2", message: XOAUTH2_MESSAGE },
    logFile: join(folder, "haproxy.log"),
    async command(port) {
      await writeFile(
        configuration,
        `global
  maxconn 4000

defaults
  mode tcp
  timeout connect 10s
  timeout client 10m
  timeout server 10m

listen imap
  bind 127.0.0.1:${port}
  server upstream 127.0.0.1:${stub.port} ssl verify required ca-file ${authorityFile} sni str(localhost) verifyhost localhost
`,
      );
      return { program: HAPROXY_PROGRAM, arguments: ["-db", "-f", configuration] };
    },
  };
}
