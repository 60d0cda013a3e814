// Signing in to one account: what the person does next, at every point of the way.
import { useEffect } from "react";
import { Button, Link } from "react-aria-components";
import type { AccountView, Discovery } from "../../../src/control/contract.ts";
import { isFailureCode } from "../../../src/messages/failures.ts";
import { useAnnounce } from "../../components/announcer.tsx";
import { FailureNote } from "../../components/failure-note.tsx";
import { Progress } from "../../components/progress.tsx";
import { remedyFor } from "../../remedy.ts";
import { formatRoute } from "../../routes.ts";
import { useTexts } from "../../texts.tsx";
import { routeOf } from "../account/remedy-button.tsx";
import { BrowserWait } from "./browser-wait.tsx";
import { DeviceCode } from "./device-code.tsx";
import { ImportForm } from "./import-form.tsx";
import { PasswordForm } from "./password-form.tsx";
import { type SignIn as Attempt, useSignIn } from "./use-sign-in.ts";

export interface SignInProps {
  readonly account: AccountView;
  /** Where the person takes over a sign-in of another tool. */
  readonly isImport?: boolean;
  /** What the provider calls a password for one program. */
  readonly appPassword?: Discovery["appPassword"];
  readonly onSignedIn: (notices: readonly string[]) => void;
  readonly onLater: () => void;
}

export function SignIn({ account, isImport = false, appPassword, onSignedIn, onLater }: SignInProps) {
  const { t } = useTexts();
  const announce = useAnnounce();
  const signIn = useSignIn(account.email);
  const { state } = signIn;
  useEffect(() => {
    if (state.kind === "signed-in") {
      announce(t("sign-in.done"));
      onSignedIn(state.notices);
    }
  }, [state, announce, onSignedIn, t]);

  switch (state.kind) {
    case "ready":
      return <Ready {...{ account, isImport, appPassword, signIn, onLater }} />;
    case "starting":
      return (
        <Progress label={t("sign-in.starting")}>
          <Button className="button" onPress={signIn.cancel}>
            {t("common.cancel")}
          </Button>
        </Progress>
      );
    case "browser":
      return <BrowserWait state={state} signIn={signIn} />;
    case "device":
      return <DeviceCode state={state} signIn={signIn} />;
    case "checking":
      return <Progress label={t(`sign-in.${state.flow}-checking`)} />;
    case "somebody-else":
      return <SomebodyElse account={account} identity={state.identity} signIn={signIn} />;
    case "signed-in":
      return <p className="note-title">{t("sign-in.done")}</p>;
    case "failed":
      return (
        <>
          <FailureNote failure={state.failure} email={account.email}>
            <Elsewhere code={state.failure.code} account={account} />
          </FailureNote>
          <Ready {...{ account, isImport, appPassword, signIn, onLater }} hasFailed />
        </>
      );
  }
}

/** Where trying again cannot help: what must be put right first. */
function Elsewhere({ code, account }: { readonly code: string; readonly account: AccountView }) {
  const { t } = useTexts();
  if (!isFailureCode(code)) return null;
  const { email, provider } = account;
  const remedy = remedyFor({ code, hasLetter: false, hasProvider: provider !== undefined });
  if (remedy !== "guide" && remedy !== "add-again" && remedy !== "settings") return null;
  const route = routeOf(remedy, email, provider);
  return route === undefined ? null : (
    <p>
      <Link className="button" href={formatRoute(route)}>
        {t(`remedy.${remedy}`)}
      </Link>
    </p>
  );
}

function Ready({
  account,
  isImport,
  appPassword,
  signIn,
  onLater,
  hasFailed = false,
}: Pick<SignInProps, "account" | "appPassword" | "onLater"> & {
  readonly isImport: boolean;
  readonly signIn: Attempt;
  readonly hasFailed?: boolean;
}) {
  const { t } = useTexts();
  if (account.kind === "password") {
    return <PasswordForm signIn={signIn} appPassword={appPassword} onLater={onLater} />;
  }
  if (isImport) {
    return <ImportForm signIn={signIn} onBrowser={() => void signIn.start("auto")} onLater={onLater} />;
  }
  return (
    <>
      {hasFailed ? null : <p>{t("sign-in.text")}</p>}
      <div className="buttons">
        <Button className="button primary" onPress={() => void signIn.start("auto")}>
          {t(hasFailed ? "common.try-again" : "sign-in.open")}
        </Button>
        <Button className="button" onPress={() => void signIn.start("device")}>
          {t("sign-in.other")}
        </Button>
        <Button className="button quiet" onPress={onLater}>
          {t("sign-in.later")}
        </Button>
      </div>
    </>
  );
}

function SomebodyElse({
  account,
  identity,
  signIn,
}: {
  readonly account: AccountView;
  readonly identity: string;
  readonly signIn: Attempt;
}) {
  const { t } = useTexts();
  return (
    <section className="note note-problem" role="alert">
      <h2>{t("sign-in.somebody-else-title")}</h2>
      <p>{t("sign-in.somebody-else", { identity, email: account.email })}</p>
      <div className="buttons">
        <Button className="button primary" onPress={() => void signIn.start("auto")}>
          {t("sign-in.again")}
        </Button>
        <Button className="button" onPress={() => void signIn.agree()}>
          {t("sign-in.agree")}
        </Button>
        <Button className="button quiet" onPress={signIn.cancel}>
          {t("common.cancel")}
        </Button>
      </div>
    </section>
  );
}
