// What a person sees while a sign-in waits for them, and what they may paste.
import type { Response } from "../control/contract.ts";
import { PosternError, toPosternError } from "../errors/postern-error.ts";
import { isInteractive, readPastes } from "./ask.ts";
import { formatTunnelCommand, hasBrowser } from "./display.ts";
import type { LoginOptions } from "./login.ts";
import { openBrowser } from "./open-browser.ts";
import { note, print, relativeTime } from "./output.ts";
import { formatQrCode } from "./qr-code.ts";

type Started = Response<"sign-in.start">;
type Redirected = Started & { readonly flow: "loopback" | "paste" };
type Device = Started & { readonly flow: "device" };

export interface Presentation {
  readonly started: Started;
  readonly options: LoginOptions;
  /** The sign-in has ended. */
  readonly signal: AbortSignal;
  /** Hands over what was pasted. */
  answer(text: string): Promise<unknown>;
}

/** Resolves when there is nothing more to show or to read. */
export async function presentSignIn(presentation: Presentation): Promise<void> {
  const { started, options } = presentation;
  switch (started.flow) {
    case "password":
      if (!options.json) note("Asking the mail server whether the password opens the mailbox.");
      return;
    case "import":
      if (!options.json) note("Asking the provider what this refresh token is good for.");
      return;
    case "device":
      return presentDevice(started, options);
    case "loopback":
    case "paste":
      await presentRedirect(started, options);
      // A cron job's standard input is not a person's paste.
      if (started.flow === "paste" || isInteractive()) await takePasted(presentation);
  }
}

function presentDevice(started: Device, options: LoginOptions): void {
  const { attemptId: _internal, ...shown } = started;
  const target = started.verificationUriComplete ?? started.verificationUri;
  const qrCode = process.stdout.isTTY ? formatQrCode(target, process.stdout.columns) : undefined;
  print(
    options,
    shown,
    [
      `In any browser, open    ${started.verificationUri}`,
      `and type this code:     ${started.userCode}`,
      ...(qrCode === undefined ? [] : ["", "or scan:", qrCode]),
    ].join("\n"),
  );
  if (options.json) return;
  note(
    `Only if you started this yourself. This command waits; the code ends ${relativeTime(started.expiresAt, Date.now())}.`,
  );
  noteOtherFlows(started.otherFlows);
}

async function presentRedirect(started: Redirected, options: LoginOptions): Promise<void> {
  const { authorizationUrl, redirectUri, flow } = started;
  const browserHere = hasBrowser(process.env, process.platform);
  const opens = options.open && flow === "loopback" && browserHere;
  if (!opens || options.json) {
    print(options, { flow, authorizationUrl, redirectUri }, authorizationUrl);
  }
  if (opens) {
    const opened = await openBrowser(authorizationUrl);
    if (opened) note("Your browser should open now. Sign in there; this command waits.");
    else note(`No browser could be started. Open this address in one on this machine:\n${authorizationUrl}`);
    return;
  }
  if (options.json) return;
  if (flow === "paste") {
    note(
      "Open this address in any browser and sign in. At the end the browser goes to an address that begins with\n" +
        `${redirectUri} and may say that it cannot be reached. Copy that whole address and paste it here.`,
    );
  } else if (browserHere) {
    note("Open this address in a browser on this machine; this command waits until you have signed in.");
  } else {
    note(
      "Open this address in a browser that reaches this machine: first run, where the browser is,\n" +
        `  ${formatTunnelCommand(redirectUri, process.env)}\n` +
        "or sign in without that and paste here the address that the browser ends at. This command waits.",
    );
  }
  noteOtherFlows(started.otherFlows);
}

const FLOW_NAMES = {
  loopback: "in a browser on this machine, or through ssh -L: --flow loopback",
  paste: "by pasting the address that the browser ends at: --flow paste",
  device: "by a code that you type in any browser: --flow device",
  import: "with a refresh token of another tool: --import",
  password: "with the mailbox's password",
} as const;

function noteOtherFlows(flows: Device["otherFlows"]): void {
  if (hasBrowser(process.env, process.platform) || flows.length === 0) return;
  note(`Other ways: ${flows.map((flow) => FLOW_NAMES[flow]).join("; ")}`);
}

async function takePasted({ started, signal, answer }: Presentation): Promise<void> {
  for await (const text of readPastes(signal)) {
    if (signal.aborted) return;
    if (text.trim() === "") continue;
    try {
      await answer(text);
      return;
    } catch (thrown) {
      const error = toPosternError(thrown);
      if (error.code !== "answer-unusable") throw error;
      note(`${error.message} ${error.action}`);
    }
  }
  // At a terminal the end of input is a slip; the browser may still come back by itself.
  if (started.flow === "paste" && !signal.aborted && !isInteractive()) {
    throw new PosternError("answer-unusable", { detail: "standard input ended without one" });
  }
}
