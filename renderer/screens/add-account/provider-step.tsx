// What was found about the address, what is still missing, and the person's yes to it.
import { useState } from "react";
import { Button } from "react-aria-components";
import type { Discovery, Failure, Request } from "../../../src/control/contract.ts";
import { completeSettings, type Missing } from "../../../src/new-account/completion.ts";
import { foreignHosts } from "../../../src/new-account/foreign-hosts.ts";
import { mayTakePassword, noWay } from "../../../src/new-account/no-way.ts";
import {
  type GivenSettings,
  kindOf,
  type NewAccount,
  withoutUndefined,
} from "../../../src/new-account/settings.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { WorkButton } from "../../components/work-button.tsx";
import { useTask } from "../../state/use-task.ts";
import { useControl, useSnapshot } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";
import { AccountLink } from "./account-link.tsx";
import { ChangeProvider } from "./change-provider.tsx";
import { ClientIdNeeded } from "./client-id-needed.tsx";
import { ForeignHosts } from "./foreign-hosts.tsx";
import { Found } from "./found.tsx";
import { MissingFields } from "./missing-fields.tsx";
import { NoWayNote } from "./no-way-note.tsx";
import { ServersForm } from "./servers-form.tsx";
import { SharedMailbox } from "./shared-mailbox.tsx";

export interface ProviderStepProps {
  readonly given: GivenSettings;
  /** Undefined where the person names everything. */
  readonly discovery: Discovery | undefined;
  readonly failure: Failure | undefined;
  /** Kept beside what is given, for as long as it takes to add the account. */
  readonly clientSecret: string | undefined;
  readonly onClientSecret: (clientSecret: string | undefined) => void;
  readonly onGiven: (given: GivenSettings) => void;
  readonly onLookUp: (changes: Omit<Request<"account.discover">, "email">) => void;
  readonly onBack: () => void;
  readonly onAdded: (email: string) => void;
}

export function ProviderStep(props: ProviderStepProps) {
  const { given, discovery, failure, clientSecret, onClientSecret, onGiven, onLookUp, onBack, onAdded } =
    props;
  const { t } = useTexts();
  const control = useControl();
  const { accounts } = useSnapshot();
  const [hasClientId, setHasClientId] = useState(false);
  const [agreed, setAgreed] = useState<string>();
  const adding = useTask(async (signal, settings: NewAccount) => {
    const added = await control.call(
      "account.add",
      { settings, ...(clientSecret === undefined ? {} : { clientSecret }) },
      signal,
    );
    onAdded(added.email);
  });

  const way = noWay(given, discovery);
  const completed = completeSettings(given, discovery);
  const missing: readonly Missing[] = completed.kind === "incomplete" ? completed.missing : [];
  const needsClientId = missing.includes("client-id");
  const lacksServers = missing.includes("imap") || missing.includes("smtp");
  const isPassword = kindOf(discovery, given) === "password";
  const isIssuerSilent =
    !isPassword && given.issuer !== undefined && discovery !== undefined && discovery.issuer === undefined;
  const asked: readonly Missing[] = isIssuerSilent ? ["issuer"] : missing;
  const complete = completed.kind === "complete" && !isIssuerSilent ? completed.settings : undefined;
  const addingFailure = adding.state.kind === "failed" ? adding.state.failure : undefined;
  // Postern would register itself, unless the person has a client id or that was refused.
  const registersItself =
    complete?.kind === "oauth" && complete.clientId === undefined && discovery?.clientIdFrom === undefined;
  const asksClientId = registersItself && (hasClientId || addingFailure?.code === "registration-refused");
  const settings = asksClientId ? undefined : complete;
  const foreign = settings === undefined ? [] : foreignHosts(given, settings, discovery);
  const isAgreed = foreign.length === 0 || agreed === foreign.join();
  const change = (changes: Partial<GivenSettings>): void => onGiven({ ...given, ...changes });
  const back = (
    <Button className="button quiet" onPress={onBack}>
      {t("add.other-address")}
    </Button>
  );

  if (way !== undefined && discovery !== undefined) {
    return <NoWayNote way={way} discovery={discovery} onKind={(kind) => change({ kind })} back={back} />;
  }
  return (
    <>
      <Found given={given} discovery={discovery} isPassword={isPassword} />
      {failure === undefined ? null : <FailureNote failure={failure} />}
      {lacksServers ? (
        <ServersForm
          given={given}
          discovery={discovery}
          onServers={(servers) => {
            change(servers);
            // Servers that were looked for in vain can still tell how to sign in.
            if (discovery !== undefined) onLookUp(servers);
          }}
        />
      ) : asked.includes("issuer") ? (
        <MissingFields
          missing={asked}
          issuer={given.issuer}
          onNamed={(named) => {
            change(named);
            onLookUp(withoutUndefined({ imap: given.imap, smtp: given.smtp, issuer: named.issuer }));
          }}
        />
      ) : needsClientId || asksClientId ? (
        <ClientIdNeeded
          discovery={discovery}
          missing={missing}
          onClient={(client, secret) => {
            adding.cancel();
            onClientSecret(secret);
            change(client);
          }}
          onRegistered={() => onLookUp(withoutUndefined({ provider: discovery?.provider }))}
        />
      ) : missing.length > 0 ? (
        <MissingFields missing={missing} issuer={given.issuer} onNamed={(named) => change(named)} />
      ) : null}
      {addingFailure === undefined ? null : (
        <FailureNote failure={addingFailure}>
          {addingFailure.code === "account-exists" ? (
            <AccountLink accounts={accounts} email={given.email} />
          ) : null}
        </FailureNote>
      )}
      {settings === undefined ? null : (
        <>
          {foreign.length === 0 ? null : (
            <ForeignHosts
              hosts={foreign}
              email={given.email}
              isAgreed={isAgreed}
              onAgreed={(yes) => setAgreed(yes ? foreign.join() : undefined)}
            />
          )}
          {isPassword ? null : <SharedMailbox owner={given.owner} onOwner={(owner) => change({ owner })} />}
          <div className="buttons">
            <WorkButton
              className="button primary"
              isDisabled={!isAgreed}
              isBusy={adding.state.kind === "running"}
              onPress={() => void adding.run(settings)}
            >
              {t("add.continue")}
            </WorkButton>
            {back}
            {registersItself ? (
              <Button className="button link-like" onPress={() => setHasClientId(true)}>
                {t("add.client-have")}
              </Button>
            ) : null}
          </div>
        </>
      )}
      <OtherKind discovery={discovery} isPassword={isPassword} onKind={(kind) => change({ kind })} />
      <ChangeProvider
        given={given}
        discovery={discovery}
        onProvider={(provider) => {
          onClientSecret(undefined);
          onGiven({ email: given.email });
          onLookUp({ provider });
        }}
        onServers={(servers) => {
          change(servers);
          onLookUp(servers);
        }}
      />
      {settings === undefined ? <div className="buttons">{back}</div> : null}
    </>
  );
}

/** The other of the two ways into a mailbox, where there is one. */
function OtherKind({
  discovery,
  isPassword,
  onKind,
}: {
  readonly discovery: Discovery | undefined;
  readonly isPassword: boolean;
  readonly onKind: (kind: "oauth" | "password") => void;
}) {
  const { t } = useTexts();
  const app = discovery?.appPassword;
  if (isPassword) {
    return discovery?.kind === "password" ? null : (
      <div className="buttons">
        <Button className="button link-like" onPress={() => onKind("oauth")}>
          {t("add.use-sign-in")}
        </Button>
      </div>
    );
  }
  if (!mayTakePassword(discovery)) return null;
  const hasName = app !== undefined && app.offered !== "no";
  return (
    <section className="other-way">
      {hasName ? <p>{t("add.app-password-text", { name: app.name })}</p> : null}
      <Button className={hasName ? "button" : "button link-like"} onPress={() => onKind("password")}>
        {t(hasName ? "add.app-password" : "add.password")}
      </Button>
    </section>
  );
}
