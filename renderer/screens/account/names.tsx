// The other names of an account: who signs in, and the user names that unusual devices and providers want.
import { useState } from "react";
import { Form, Input, Label, TextField } from "react-aria-components";
import type { AccountView, Request } from "../../../src/control/contract.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { WorkButton } from "../../components/work-button.tsx";
import { useTask } from "../../state/use-task.ts";
import { useControl } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";

type Name = "owner" | "localUser" | "imapUser" | "smtpUser";

const LABELS = {
  owner: "more.owner",
  localUser: "more.local-user",
  imapUser: "more.imap-user",
  smtpUser: "more.smtp-user",
} as const satisfies Record<Name, string>;

export function Names({ account }: { readonly account: AccountView }) {
  const { t } = useTexts();
  const control = useControl();
  const { email } = account;
  const names: readonly Name[] =
    account.kind === "oauth"
      ? ["owner", "localUser", "imapUser", "smtpUser"]
      : ["localUser", "imapUser", "smtpUser"];
  const known = (name: Name): string =>
    (name === "owner" ? (account.kind === "oauth" ? account.owner : undefined) : account[name]) ?? "";
  const [typed, setTyped] = useState<Partial<Record<Name, string>>>({});
  const changed = names.filter((name) => (typed[name] ?? known(name)).trim() !== known(name));
  const save = useTask(async (signal) => {
    const changes: Request<"account.change">["changes"] = Object.fromEntries(
      changed.map((name) => [name, typed[name]?.trim() || null]),
    );
    await control.call("account.change", { email, changes }, signal);
    setTyped({});
  });
  return (
    <section className="setting">
      <div className="setting-text">
        <h2>{t("more.names")}</h2>
        <p className="soft">{t("more.names-text")}</p>
      </div>
      <Form
        className="setting-below form"
        onSubmit={(event) => {
          event.preventDefault();
          void save.run();
        }}
      >
        {names.map((name) => (
          <TextField
            key={name}
            className="field"
            value={typed[name] ?? known(name)}
            onChange={(value) => setTyped((before) => ({ ...before, [name]: value }))}
          >
            <Label>{t(LABELS[name])}</Label>
            <Input
              placeholder={name === "localUser" ? "" : t("more.names-placeholder")}
              spellCheck="false"
              autoCapitalize="none"
            />
          </TextField>
        ))}
        {save.state.kind === "failed" ? <FailureNote failure={save.state.failure} email={email} /> : null}
        <div className="form-end">
          <WorkButton
            className="button"
            isDisabled={changed.length === 0}
            isBusy={save.state.kind === "running"}
          >
            {t("common.save")}
          </WorkButton>
          {save.state.kind === "done" && changed.length === 0 ? (
            <span role="status">{t("common.saved")}</span>
          ) : null}
        </div>
      </Form>
    </section>
  );
}
