// Adding an account: address, provider, sign-in, mail program. Invariant: nothing that was typed is lost by going a step back.
import { useCallback, useEffect, useRef, useState } from "react";
import { Button, Link } from "react-aria-components";
import type { AccountView, Discovery, Request } from "../../../src/control/contract.ts";
import type { GivenSettings } from "../../../src/new-account/settings.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { Page } from "../../components/page.tsx";
import { Progress } from "../../components/progress.tsx";
import { formatRoute } from "../../routes.ts";
import { useTask } from "../../state/use-task.ts";
import { useControl, useSnapshot } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";
import { goTo, useLinkHere } from "../../use-route.ts";
import { ConnectProgram } from "../connect-program/connect-program.tsx";
import { LiveCheck } from "../sign-in/live-check.tsx";
import { SignIn } from "../sign-in/sign-in.tsx";
import { findTwin } from "./account-link.tsx";
import { AddressStep } from "./address-step.tsx";
import { LaterStep } from "./later-step.tsx";
import { ProviderStep } from "./provider-step.tsx";
import { Steps } from "./steps.tsx";
import { Twin } from "./twin.tsx";

type At =
  | { readonly step: "address" }
  | { readonly step: "provider"; readonly discovery: Discovery | undefined }
  | { readonly step: "sign-in"; readonly email: string; readonly appPassword: Discovery["appPassword"] }
  | { readonly step: "later"; readonly email: string; readonly appPassword: Discovery["appPassword"] }
  | { readonly step: "check"; readonly email: string; readonly notices: readonly string[] }
  | { readonly step: "connect"; readonly email: string };

/** Milliseconds in which Postern tells of an account that it has added. */
const COMES_WITHIN = 3000;

export function AddAccountScreen() {
  const { t } = useTexts();
  const control = useControl();
  const { accounts } = useSnapshot();
  const [at, setAt] = useState<At>({ step: "address" });
  const [given, setGiven] = useState<GivenSettings>({ email: "" });
  const [clientSecret, setClientSecret] = useState<string>();
  const [isImport, setImport] = useState(false);
  const search = useTask((signal, request: Request<"account.discover">) =>
    control.call("account.discover", request, signal),
  );

  const lookUp = async (request: Request<"account.discover">): Promise<void> => {
    const discovery = await search.run(request);
    if (discovery !== undefined) setAt({ step: "provider", discovery });
  };
  /** Where the address has an account already, that is said instead. */
  const begin = (email: string, next: () => void): void => {
    setClientSecret(undefined);
    setGiven({ email });
    if (findTwin(accounts, email) === undefined) next();
  };
  const { cancel } = search;
  const isAdded = at.step === "check" || at.step === "connect";
  const restart = useCallback((): void => {
    cancel();
    setAt({ step: "address" });
    if (isAdded) setGiven({ email: "" });
  }, [cancel, isAdded]);
  useLinkHere(restart);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The button that led here is gone; without this the focus would be nowhere. First and last have a field of their own.
    if (at.step !== "address" && at.step !== "connect") place.current?.focus();
  }, [at.step]);
  const account = "email" in at ? accounts.find(({ email }) => email === at.email) : undefined;
  const twin = findTwin(accounts, given.email);

  return (
    <Page
      title={t(at.step === "address" && accounts.length === 0 ? "add.first-title" : "add.title")}
      className="page wizard"
    >
      <div ref={place} tabIndex={-1}>
        <Steps at={at.step} />
      </div>
      {search.state.kind === "running" ? (
        <Progress label={t("add.looking", { email: given.email })} since={search.state.since}>
          <p className="soft">{t("add.looking-text")}</p>
          <Button className="button" onPress={search.cancel}>
            {t("common.cancel")}
          </Button>
        </Progress>
      ) : at.step === "address" ? (
        <>
          {accounts.length === 0 ? <p>{t("add.first-text")}</p> : null}
          <AddressStep
            email={given.email}
            isImport={isImport}
            onImport={setImport}
            onContinue={(email) => begin(email, () => void lookUp({ email }))}
            onByHand={(email) => begin(email, () => setAt({ step: "provider", discovery: undefined }))}
          />
          {search.state.kind === "failed" ? <FailureNote failure={search.state.failure} /> : null}
          {twin === undefined ? null : (
            <Twin account={twin} accounts={accounts} onRemoved={() => void lookUp({ email: given.email })} />
          )}
        </>
      ) : at.step === "provider" ? (
        <ProviderStep
          given={given}
          discovery={at.discovery}
          failure={search.state.kind === "failed" ? search.state.failure : undefined}
          clientSecret={clientSecret}
          onClientSecret={setClientSecret}
          onGiven={setGiven}
          onLookUp={(changes) => void lookUp({ email: given.email, ...changes })}
          onBack={() => setAt({ step: "address" })}
          onAdded={(email) => setAt({ step: "sign-in", email, appPassword: at.discovery?.appPassword })}
        />
      ) : account === undefined ? (
        <Missing key={at.email} email={at.email} />
      ) : (
        <AfterAdding at={at} account={account} isImport={isImport} onMove={setAt} />
      )}
    </Page>
  );
}

/** For a moment after it was added; for good where somebody else has removed it. */
function Missing({ email }: { readonly email: string }) {
  const { t } = useTexts();
  const [isGone, setGone] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setGone(true), COMES_WITHIN);
    return () => clearTimeout(timer);
  }, []);
  if (!isGone) return <p>{t("common.working")}</p>;
  return (
    <div className="note" role="alert">
      <p>{t("account.not-found", { email })}</p>
      <Link className="button primary" href={formatRoute({ kind: "home" })}>
        {t("add.gone-home")}
      </Link>
    </div>
  );
}

function AfterAdding({
  at,
  account,
  isImport,
  onMove,
}: {
  readonly at: Extract<At, { email: string }>;
  readonly account: AccountView;
  readonly isImport: boolean;
  readonly onMove: (at: At) => void;
}) {
  const { t } = useTexts();
  const { email } = account;
  const appPassword = "appPassword" in at ? at.appPassword : undefined;
  const onSignedIn = useCallback(
    (notices: readonly string[]) => onMove({ step: "check", email, notices }),
    [email, onMove],
  );
  switch (at.step) {
    case "sign-in":
      return (
        <SignIn
          account={account}
          isImport={isImport}
          appPassword={appPassword}
          onSignedIn={onSignedIn}
          onLater={() => onMove({ step: "later", email, appPassword })}
        />
      );
    case "later":
      return <LaterStep email={email} onSignIn={() => onMove({ step: "sign-in", email, appPassword })} />;
    case "check":
      return (
        <LiveCheck email={email} notices={at.notices} onContinue={() => onMove({ step: "connect", email })} />
      );
    case "connect":
      return (
        <ConnectProgram
          account={account}
          takesFocus
          leave={t("connect.skip")}
          onLeave={() => goTo({ kind: "account", email, tab: "programs" })}
        />
      );
  }
}
