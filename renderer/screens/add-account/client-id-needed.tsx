// A provider that wants to know the program first: the guide, or a client id that the person has.
import { useState } from "react";
import { Button, FieldError, Form, Input, Label, TextField } from "react-aria-components";
import type { Discovery } from "../../../src/control/contract.ts";
import type { Missing } from "../../../src/new-account/completion.ts";
import type { GivenSettings } from "../../../src/new-account/settings.ts";
import { useTexts } from "../../texts.tsx";
import { Guide } from "../register/guide.tsx";

export interface ClientIdNeededProps {
  readonly discovery: Discovery | undefined;
  readonly missing: readonly Missing[];
  readonly onClient: (client: Pick<GivenSettings, "clientId">, clientSecret: string | undefined) => void;
  /** The guide has come to its end: Postern has a client id for this provider. */
  readonly onRegistered: () => void;
}

export function ClientIdNeeded({ discovery, missing, onClient, onRegistered }: ClientIdNeededProps) {
  const { t } = useTexts();
  const provider = discovery?.provider;
  const [way, setWay] = useState<"choose" | "guide" | "have">(provider === undefined ? "have" : "choose");
  const name = discovery?.providerName;
  return (
    <section className="form panel">
      <h2>
        {name === undefined ? t("add.client-title-unknown") : t("add.client-title", { provider: name })}
      </h2>
      {way === "guide" && provider !== undefined ? (
        <Guide provider={provider} onUsable={onRegistered} />
      ) : (
        <>
          <p>{t("add.client-text")}</p>
          <p>{t("add.client-ask-admin")}</p>
        </>
      )}
      {way === "have" ? <ClientForm secret={secretRule(discovery, missing)} onClient={onClient} /> : null}
      <div className="buttons">
        {provider === undefined || way === "guide" ? null : (
          <Button className={way === "choose" ? "button primary" : "button"} onPress={() => setWay("guide")}>
            {t("add.client-guide")}
          </Button>
        )}
        {way === "have" ? null : (
          <Button className="button" onPress={() => setWay("have")}>
            {t("add.client-have")}
          </Button>
        )}
      </div>
    </section>
  );
}

type SecretRule = Discovery["clientSecret"];

function secretRule(discovery: Discovery | undefined, missing: readonly Missing[]): SecretRule {
  return missing.includes("client-secret") ? "required" : (discovery?.clientSecret ?? "optional");
}

function ClientForm({
  secret: rule,
  onClient,
}: {
  readonly secret: SecretRule;
  readonly onClient: ClientIdNeededProps["onClient"];
}) {
  const { t } = useTexts();
  const [clientId, setClientId] = useState("");
  const [secret, setSecret] = useState("");
  return (
    <Form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        onClient({ clientId: clientId.trim() }, secret.trim() || undefined);
      }}
    >
      <TextField className="field wide" value={clientId} onChange={setClientId} isRequired>
        <Label>{t("add.client-id")}</Label>
        <Input autoComplete="off" spellCheck="false" />
        <FieldError className="field-error" />
      </TextField>
      {rule === "none" ? null : (
        <TextField
          className="field wide"
          type="password"
          value={secret}
          onChange={setSecret}
          isRequired={rule === "required"}
        >
          <Label>{t(rule === "required" ? "add.client-secret" : "add.client-secret-optional")}</Label>
          <Input autoComplete="off" />
          <FieldError className="field-error" />
        </TextField>
      )}
      <div className="buttons">
        <Button className="button primary" type="submit">
          {t("add.continue")}
        </Button>
      </div>
    </Form>
  );
}
