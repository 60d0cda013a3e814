// `postern login`: one sign-in, by the flow that suits the machine and the provider, waited for.
import { Command, InvalidArgumentError, Option } from "commander";
import type { ControlClient } from "../control/client.ts";
import type { Request, Response } from "../control/contract.ts";
import { PosternError, toPosternError } from "../errors/postern-error.ts";
import { confirm, isInteractive, readPassword, readSecretLine } from "./ask.ts";
import { daemon } from "./daemon.ts";
import { hasBrowser } from "./display.ts";
import { note, type OutputOptions, print, run, wrongUsage } from "./output.ts";
import { parsePort } from "./port.ts";
import { presentSignIn } from "./sign-in-presentation.ts";

export interface LoginOptions extends OutputOptions {
  readonly open: boolean;
  readonly flow?: "loopback" | "paste" | "device";
  readonly import?: boolean;
  readonly redirectPort?: number;
  readonly anyIdentity?: boolean;
  readonly verificationHost?: string;
}

type Outcome = Response<"sign-in.wait">;

export function login(): Command {
  return new Command("login")
    .description("Signs in at the provider and waits until that is done.")
    .argument("<email>")
    .addOption(
      new Option(
        "--flow <flow>",
        "how to sign in (default: what suits this machine and the provider)",
      ).choices(["loopback", "paste", "device"]),
    )
    .addOption(
      new Option("--redirect-port <port>", "the port that the browser comes back to, for ssh -L").argParser(
        requirePort,
      ),
    )
    .option("--import", "take a refresh token from standard input instead of signing in")
    .option("--no-open", "do not open a browser; print the address alone on the first line")
    .option("--any-identity", "accept a sign-in under another address than the account's (an alias)")
    .option(
      "--verification-host <host>",
      "for --flow device: the host where you type the code, if Postern asks",
    )
    .option("--json", "print JSON: first what to open, then the outcome")
    .addHelpText(
      "after",
      `
Flows:
  loopback  the browser is on this machine, or comes here through ssh -L
  paste     the browser is anywhere: you paste the address that it ends at
  device    you type a short code in any browser (not every provider and organisation allows it)

Ctrl-C gives up. Nothing is lost by a sign-in that was not finished.

Examples:
  postern login alice@example.org
  postern login alice@example.org --redirect-port 8400      with: ssh -L 8400:127.0.0.1:8400 this-machine
  postern login alice@example.org --flow paste
  postern login alice@example.org --import < refresh-token.txt
  postern login alice@icloud.com                            asks for the app password, where the provider takes one`,
    )
    .action((email: string, options: LoginOptions) => run(options, () => signIn(email, options), email));
}

async function signIn(email: string, options: LoginOptions): Promise<undefined> {
  const client = await daemon();
  const { kind } = await client.call("account.show", { email });
  const request =
    kind === "password" ? await toPasswordRequest(email, options) : await toRequest(email, options);
  let outcome: Outcome;
  try {
    outcome = await attempt(client, request, options);
  } catch (thrown) {
    // The browser sent one code twice, or another program took it: nobody's decision, so it is tried once more.
    if (toPosternError(thrown).code !== "sign-in-code-spent") throw thrown;
    note("The provider has seen this sign-in's code already; starting once more.");
    outcome = await attempt(client, request, options);
  }
  if (outcome.outcome === "somebody-else") return;
  const identity =
    outcome.identity === undefined || outcome.identity === email ? "" : ` as ${outcome.identity}`;
  print(
    options,
    { signedIn: email, ...outcome },
    [
      `Signed in to ${email}${identity}.`,
      ...outcome.notices,
      `Next, a password for your mail program: postern password create ${email} --name NAME`,
    ].join("\n"),
  );
}

async function toRequest(email: string, options: LoginOptions): Promise<Request<"sign-in.start">> {
  const common = { email, anyIdentity: options.anyIdentity ?? false };
  if (options.import) {
    if (options.flow !== undefined) throw wrongUsage("--import and --flow exclude each other");
    const refreshToken = await readSecretLine("Refresh token (not shown): ");
    if (refreshToken === undefined) throw nothingPipedIn("refresh token");
    return { ...common, flow: "import", browserHere: false, refreshToken };
  }
  return {
    ...common,
    // Whoever wants the address printed has a browser of their own for it.
    flow: options.flow ?? (options.open && options.redirectPort === undefined ? "auto" : "loopback"),
    browserHere: options.open && hasBrowser(process.env, process.platform),
    ...(options.redirectPort === undefined ? {} : { redirectPort: options.redirectPort }),
    ...(options.verificationHost === undefined ? {} : { verificationHost: options.verificationHost }),
  };
}

function nothingPipedIn(what: "refresh token" | "password"): PosternError {
  return wrongUsage(
    `there is no ${what} on standard input: pipe it in, or start the command in a terminal to be asked`,
  );
}

/** The mailbox's password at the provider: never an argument, which other users of the machine could see. */
async function toPasswordRequest(email: string, options: LoginOptions): Promise<Request<"sign-in.start">> {
  // What stands on standard input for another way must not go to the mail server as a password.
  if (options.import || options.flow !== undefined) {
    throw wrongUsage("this account is opened with the mailbox's password: leave out --import and --flow");
  }
  const password = await readPassword(`The provider's password (or app password) for ${email}, not shown: `);
  if (password === undefined) throw nothingPipedIn("password");
  return { email, flow: "password", browserHere: false, password };
}

async function attempt(
  client: ControlClient,
  request: Request<"sign-in.start">,
  options: LoginOptions,
): Promise<Outcome> {
  const started = await client.call("sign-in.start", request);
  const { attemptId } = started;
  const ended = new AbortController();
  const outcome = client.call("sign-in.wait", { attemptId }).finally(() => ended.abort());
  // A failure before the presentation is done is reported once, by whoever awaits it below.
  outcome.catch(() => {});
  try {
    await presentSignIn({
      started,
      options,
      signal: ended.signal,
      answer: (text) => client.call("sign-in.answer", { attemptId, answer: text }),
    });
  } catch (thrown) {
    await client.call("sign-in.cancel", { attemptId });
    throw thrown;
  }
  const result = await outcome;
  return result.outcome === "somebody-else"
    ? askAbout(client, attemptId, request.email, result.identity, options)
    : result;
}

/** Somebody else signed in than the account is for: a person decides, and nobody else. */
async function askAbout(
  client: ControlClient,
  attemptId: string,
  email: string,
  identity: string,
  options: LoginOptions,
): Promise<Outcome> {
  const detail = `${identity}, not ${email}`;
  if (!options.json && isInteractive()) {
    note(`You signed in as ${identity}, but the account is for ${email}. Nothing is kept yet.`);
    if (await confirm(`Does ${identity} open the mailbox ${email}?`)) {
      return client.call("sign-in.agree", { attemptId });
    }
  }
  await client.call("sign-in.cancel", { attemptId });
  throw new PosternError("sign-in-as-somebody-else", { detail });
}

function requirePort(text: string): number {
  const port = parsePort(text);
  if (port === undefined || port === 0) throw new InvalidArgumentError("A port is a number from 1 to 65535.");
  return port;
}
