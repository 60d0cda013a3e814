// People of a real town sign in by `postern login`, in the ways that need no browser on the same machine.
import { approveDevice } from "./browser.ts";
import { signIn } from "./openid-program.ts";
import type { Person } from "./person.ts";
import type { RealTown } from "./real-town.ts";
import type { ProgramResult } from "./run-program.ts";
import { trustInThisProcess } from "./trust.ts";

/** Types the code in another browser. Throws where the program chose another flow. */
export async function signInByDeviceCode(
  town: RealTown,
  person: Person,
  words: readonly string[] = ["--flow", "device"],
): Promise<ProgramResult> {
  const program = town.login(person, [...words, "--json"]);
  const started = JSON.parse((await program.said(/^\{.*\}$/m))[0]);
  if (started.flow !== "device") throw new Error(`not by a device code: ${JSON.stringify(started)}`);
  await approveDevice(started.verificationUriComplete, { ...person, authority: town.authority });
  return program.finished;
}

/** Another tool, which runs in this process, has got a refresh token for the same client id; Postern takes it over. */
export async function signInByImport(town: RealTown, person: Person): Promise<ProgramResult> {
  trustInThisProcess(town.authority);
  const tokens = await signIn(town.authorizationServer, { ...person, authority: town.authority });
  if (tokens.refresh_token === undefined) throw new Error("the other tool got no refresh token");
  const program = town.login(person, ["--import"]);
  program.type(tokens.refresh_token);
  return program.finished;
}
