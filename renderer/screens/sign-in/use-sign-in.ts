// One sign-in, from the person's click to its end. Invariants: whoever leaves the screen gives it up; what an earlier attempt
// still says is not listened to.
import { useCallback, useEffect, useRef, useState } from "react";
import type { Failure, Request, Response } from "../../../src/control/contract.ts";
import { type Control, failureFrom } from "../../control.ts";
import { openPage } from "../../open-page.ts";
import { useControl } from "../../state/window-state.tsx";

export type Flow = "auto" | "loopback" | "device" | "import" | "password";

export type SignInState =
  | { readonly kind: "ready" }
  | { readonly kind: "starting"; readonly flow: Flow }
  | {
      readonly kind: "browser";
      readonly attemptId: string;
      readonly url: string;
      /** Milliseconds since 1970. */
      readonly since: number;
      readonly offersDevice: boolean;
      /** The provider had seen the first answer already. */
      readonly isSecondTry: boolean;
    }
  | {
      readonly kind: "device";
      readonly attemptId: string;
      readonly userCode: string;
      readonly verificationUri: string;
      readonly verificationUriComplete: string | undefined;
      readonly expiresAt: number;
      readonly since: number;
    }
  /** What was typed is being tried. */
  | { readonly kind: "checking"; readonly flow: "import" | "password" }
  | { readonly kind: "somebody-else"; readonly attemptId: string; readonly identity: string }
  | { readonly kind: "signed-in"; readonly identity: string | undefined; readonly notices: readonly string[] }
  | { readonly kind: "failed"; readonly failure: Failure; readonly flow: Flow };

export interface SignIn {
  readonly state: SignInState;
  start(flow: Flow, extra?: Extra): Promise<void>;
  /** What a person pasted. @throws ControlFailure */
  answer(text: string): Promise<void>;
  agree(): Promise<void>;
  cancel(): void;
}

type Extra = Partial<Pick<Request<"sign-in.start">, "password" | "refreshToken" | "verificationHost">>;

export function useSignIn(email: string): SignIn {
  const control = useControl();
  const [state, setState] = useState<SignInState>({ kind: "ready" });
  const current = useRef<AbortController | undefined>(undefined);
  // Hanging up on `sign-in.wait` is how Postern learns that nobody waits any more.
  useEffect(() => () => current.current?.abort(), []);

  const begin = useCallback((): AbortSignal => {
    current.current?.abort();
    current.current = new AbortController();
    return current.current.signal;
  }, []);

  const start = useCallback(
    async (flow: Flow, extra: Extra = {}): Promise<void> => {
      const signal = begin();
      setState(
        flow === "import" || flow === "password" ? { kind: "checking", flow } : { kind: "starting", flow },
      );
      const tell = (next: SignInState): void => {
        if (!signal.aborted) setState(next);
      };
      try {
        const outcome = await attempt(control, { email, flow, ...extra }, tell, signal, false);
        tell(outcome);
      } catch (thrown) {
        tell({ kind: "failed", failure: failureFrom(thrown), flow });
      }
    },
    [begin, control, email],
  );

  const answer = useCallback(
    async (text: string): Promise<void> => {
      if (state.kind !== "browser") return;
      await control.call("sign-in.answer", { attemptId: state.attemptId, answer: text });
    },
    [control, state],
  );

  const agree = useCallback(async (): Promise<void> => {
    if (state.kind !== "somebody-else") return;
    const { attemptId } = state;
    const signal = begin();
    const next = await control.call("sign-in.agree", { attemptId }, signal).then(
      (outcome) => toState(outcome, attemptId),
      (thrown: unknown): SignInState => ({ kind: "failed", failure: failureFrom(thrown), flow: "auto" }),
    );
    if (!signal.aborted) setState(next);
  }, [begin, control, state]);

  const cancel = useCallback((): void => {
    if ("attemptId" in state) {
      const { attemptId } = state;
      control.call("sign-in.cancel", { attemptId }).catch(() => {});
    }
    begin();
    setState({ kind: "ready" });
  }, [begin, control, state]);

  return { state, start, answer, agree, cancel };
}

/** @throws ControlFailure */
async function attempt(
  control: Control,
  request: Pick<Request<"sign-in.start">, "email"> & Extra & { readonly flow: Flow },
  tell: (state: SignInState) => void,
  signal: AbortSignal,
  isSecondTry: boolean,
): Promise<SignInState> {
  const started = await control.call("sign-in.start", { ...request, browserHere: true }, signal);
  const { attemptId } = started;
  if (started.flow === "device") {
    const { userCode, verificationUri, verificationUriComplete, expiresAt } = started;
    tell({
      kind: "device",
      attemptId,
      userCode,
      verificationUri,
      verificationUriComplete,
      expiresAt,
      since: Date.now(),
    });
  } else if (started.flow === "loopback" || started.flow === "paste") {
    const offersDevice = started.otherFlows.includes("device");
    const url = started.authorizationUrl;
    tell({ kind: "browser", attemptId, url, since: Date.now(), offersDevice, isSecondTry });
    if (!signal.aborted) openPage(url);
  }
  try {
    return toState(await control.call("sign-in.wait", { attemptId }, signal), attemptId);
  } catch (thrown) {
    // The browser sent one code twice, or another program took it: nobody's decision, so it is tried once more.
    if (failureFrom(thrown).code !== "sign-in-code-spent" || isSecondTry || signal.aborted) throw thrown;
    return attempt(control, request, tell, signal, true);
  }
}

function toState(outcome: Response<"sign-in.wait">, attemptId: string): SignInState {
  return outcome.outcome === "somebody-else"
    ? { kind: "somebody-else", attemptId, identity: outcome.identity }
    : { kind: "signed-in", identity: outcome.identity, notices: outcome.notices };
}
