// Postern as a contender: the built program, with one account that is signed in at a real authorization server.
import { resolve } from "node:path";
import { PUBLIC_CLIENT_ID, startAuthorizationServer } from "../support/authorization-server.ts";
import { ALICE } from "../support/person.ts";
import { startPostern } from "../support/postern.ts";
import type { Contender } from "./contender.ts";
import type { Rig } from "./rig.ts";

export const BUILT_PROGRAM = resolve(import.meta.dirname, "../../dist/cli/main.js");

export interface PosternContender {
  readonly contender: Contender;
  /** Ends the authorization server and removes the home. */
  close(): Promise<void>;
}

/** @param program another build's main.js, for comparing two */
export async function createPosternContender(
  { folder, authority, stub }: Rig,
  program: string,
): Promise<PosternContender> {
  const authorizationServer = await startAuthorizationServer({ authority, people: [ALICE] });
  const postern = await startPostern({ authority });
  const close = async (): Promise<void> => {
    await postern.remove();
    await authorizationServer.close();
  };
  try {
    await postern.addAccount(ALICE.email, {
      issuer: authorizationServer.issuer,
      clientId: PUBLIC_CLIENT_ID,
      imap: { port: stub.port, tls: "implicit" },
      smtp: { port: stub.port, tls: "implicit" },
    });
    const signedIn = await postern.signIn(ALICE);
    if (signedIn.exitCode !== 0) throw new Error(`Postern's sign-in failed: ${signedIn.stderr}`);
    const password = await postern.createPassword(ALICE.email, "bench");
    // From here on the benchmark starts the program itself, on the same home.
    await postern.stop();
    return {
      close,
      contender: {
        name: "Postern",
        form: { kind: "login", user: ALICE.email, password },
        logFile: `${folder}/postern.log`,
        command: async (port) => ({
          program: process.execPath,
          arguments: [program, "serve", "--imap-port", `${port}`, "--smtp-port", "0"],
          environment: postern.env,
        }),
      },
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}
