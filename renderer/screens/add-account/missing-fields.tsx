// What only the person can name of a sign-in server that is not known.
import { useState } from "react";
import { Button, FieldError, Form, Input, Label, Text, TextField } from "react-aria-components";
import type { Missing } from "../../../src/new-account/completion.ts";
import type { GivenSettings } from "../../../src/new-account/settings.ts";
import { isHttps } from "../../open-page.ts";
import { useTexts } from "../../texts.tsx";

type Named = Pick<GivenSettings, "issuer" | "scope">;

export function MissingFields({
  missing,
  issuer: named,
  onNamed,
}: {
  readonly missing: readonly Missing[];
  /** Named before, and nothing there tells how to sign in. */
  readonly issuer: string | undefined;
  readonly onNamed: (named: Named) => void;
}) {
  const { t } = useTexts();
  const [issuer, setIssuer] = useState(named ?? "");
  const [scope, setScope] = useState("");
  const asks = { issuer: missing.includes("issuer"), scope: missing.includes("scope") };
  return (
    <Form
      className="form panel"
      onSubmit={(event) => {
        event.preventDefault();
        onNamed({
          ...(asks.issuer ? { issuer: issuer.trim() } : {}),
          ...(asks.scope ? { scope: scope.trim().replace(/\s+/g, " ") } : {}),
        });
      }}
    >
      {asks.issuer && named !== undefined ? (
        <p className="note note-problem" role="alert">
          {t("add.issuer-silent")}
        </p>
      ) : null}
      {asks.issuer ? (
        <TextField
          className="field wide"
          value={issuer}
          onChange={setIssuer}
          validate={(value) => (value === "" || isHttps(value.trim()) ? null : t("add.issuer-text"))}
          isRequired
        >
          <Label>{t("add.issuer")}</Label>
          <Input autoComplete="off" spellCheck="false" placeholder="https://login.example.org" />
          <Text slot="description" className="soft">
            {t("add.issuer-text")}
          </Text>
          <FieldError className="field-error" />
        </TextField>
      ) : null}
      {asks.scope ? (
        <TextField className="field wide" value={scope} onChange={setScope} isRequired>
          <Label>{t("add.scope")}</Label>
          <Input autoComplete="off" spellCheck="false" />
          <FieldError className="field-error" />
        </TextField>
      ) : null}
      <div className="buttons">
        <Button className="button primary" type="submit">
          {t("add.continue")}
        </Button>
      </div>
    </Form>
  );
}
