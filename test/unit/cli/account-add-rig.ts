// `postern account add`, run as a person runs it, before a daemon whose findings the test decides.
import { dirname, resolve } from "node:path";
import type { Discovery, Request } from "../../../src/control/contract.ts";
import { PosternError } from "../../../src/errors/postern-error.ts";
import { runProgram } from "../../support/run-program.ts";
import { createAccountView, startSmallDaemon } from "../../support/small-daemon.ts";

const PROGRAM = resolve(import.meta.dirname, "../../../src/cli/main.ts");
export const EMAIL = "alice@example.test";
export const IMAP = { host: "imap.example.test", port: 993, tls: "implicit" } as const;
export const SMTP = { host: "smtp.example.test", port: 587, tls: "starttls" } as const;
/** Where nothing was found. */
export const UNKNOWN: Discovery = {
  kind: "oauth",
  userName: { imap: "address", smtp: "address" },
  mechanism: "auto",
  scopeSeparator: " ",
  redirectUri: "http://127.0.0.1/callback",
  clientSecret: "optional",
  authorizationParameters: {},
  verificationHosts: [],
  registersClients: false,
  quirks: [],
  trail: [],
};
export const FOUND: Discovery = {
  ...UNKNOWN,
  imap: IMAP,
  smtp: SMTP,
  issuer: "https://login.example.test",
  scope: "mail openid",
  registersClients: true,
  trail: ["SRV _imaps._tcp.example.test → imap.example.test:993", "a step"],
};
/** What the daemon was asked. */
export interface Asked {
  readonly discover: Request<"account.discover">[];
  readonly add: Request<"account.add">[];
}

/** `postern account add WORDS`, where the daemon finds this. */
export async function add(discovery: Discovery, ...words: string[]) {
  const asked: Asked = { discover: [], add: [] };
  const { controlFile } = await startSmallDaemon(undefined, {
    "account.discover": async (request) => {
      asked.discover.push(request);
      return discovery;
    },
    "account.add": async (request) => {
      asked.add.push(request);
      if (request.settings.email === "taken@example.test") throw new PosternError("account-exists");
      return createAccountView({ email: request.settings.email });
    },
  });
  const ended = await runProgram(process.execPath, [PROGRAM, "account", "add", ...words], {
    environment: { POSTERN_HOME: dirname(controlFile) },
  });
  return { ...ended, asked };
}
