// The company's proxy: for sign-ins, for mail, and its password.
import { useState } from "react";
import { Button, FieldError, Form, Input, Label, Radio, RadioGroup, TextField } from "react-aria-components";
import { FailureNote } from "../../components/failure-note.tsx";
import { LockedNote } from "../../components/locked-note.tsx";
import { useSnapshot } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";
import { formatProxy, type ProxyChoice, type ProxyKind, parseProxy } from "./proxy-choice.ts";
import { useLock, useSave } from "./use-setting.ts";

const KINDS: readonly ProxyKind[] = ["none", "environment", "address"];

export function Proxies() {
  const { t } = useTexts();
  return (
    <section className="settings-group">
      <h2>{t("settings.proxy")}</h2>
      <p className="soft">{t("settings.proxy-text")}</p>
      <div className="pair">
        <ProxySetting name="signInProxy" label={t("settings.sign-in-proxy")} />
        <ProxySetting name="mailProxy" label={t("settings.mail-proxy")} />
      </div>
      <Password />
    </section>
  );
}

function ProxySetting({
  name,
  label,
}: {
  readonly name: "signInProxy" | "mailProxy";
  readonly label: string;
}) {
  const { t } = useTexts();
  const setting = useSnapshot().settings[name];
  const save = useSave();
  const { isLocked } = useLock();
  /** Until it is saved, or while it is no address yet. */
  const [typed, setTyped] = useState<ProxyChoice>();
  const choice = typed ?? parseProxy(setting);
  const change = async (next: ProxyChoice): Promise<void> => {
    setTyped(next);
    if (next.kind === "address") return;
    await save.run({ [name]: next.kind });
    setTyped(undefined);
  };
  const address = formatProxy(choice);
  return (
    <div>
      <RadioGroup
        className="radios"
        value={choice.kind}
        isDisabled={isLocked(name)}
        onChange={(value) => {
          const kind = KINDS.find((one) => one === value);
          if (kind !== undefined) void change({ kind, address: parseProxy(setting).address });
        }}
      >
        <Label>{label}</Label>
        {KINDS.map((kind) => (
          <Radio key={kind} value={kind} className="radio">
            <span className="ring" aria-hidden="true" />
            {t(`settings.proxy.${kind}`)}
          </Radio>
        ))}
      </RadioGroup>
      {choice.kind === "address" ? (
        <Form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            if (address !== undefined)
              void save.run({ [name]: address }).then((saved) => saved && setTyped(undefined));
          }}
        >
          <TextField
            className="field"
            value={choice.address}
            isDisabled={isLocked(name)}
            isInvalid={choice.address !== "" && address === undefined}
            onChange={(text) => setTyped({ kind: "address", address: text })}
          >
            <Label>{t("settings.proxy-address")}</Label>
            <Input placeholder={t("settings.proxy-example")} spellCheck="false" />
            <FieldError className="field-error">{t("settings.proxy-invalid")}</FieldError>
          </TextField>
          {typed === undefined ? null : (
            <div className="form-end">
              <Button className="button" type="submit" isDisabled={address === undefined}>
                {t("common.save")}
              </Button>
            </div>
          )}
        </Form>
      ) : null}
      <LockedNote name={name} />
      {save.state.kind === "failed" ? <FailureNote failure={save.state.failure} /> : null}
    </div>
  );
}

function Password() {
  const { t } = useTexts();
  const save = useSave();
  const [password, setPassword] = useState("");
  return (
    <Form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        void save.run({ proxyPassword: password }).then(() => setPassword(""));
      }}
    >
      <TextField className="field" type="password" value={password} onChange={setPassword}>
        <Label>{t("settings.proxy-password")}</Label>
        <Input autoComplete="off" />
      </TextField>
      <p className="soft">{t("settings.proxy-password-text")}</p>
      <div className="form-end">
        <Button className="button" type="submit" isDisabled={password === ""}>
          {t("settings.proxy-password-save")}
        </Button>
        <Button className="button" onPress={() => void save.run({ proxyPassword: null })}>
          {t("settings.proxy-password-forget")}
        </Button>
        {save.state.kind === "done" ? <span role="status">{t("common.saved")}</span> : null}
      </div>
      {save.state.kind === "failed" ? <FailureNote failure={save.state.failure} /> : null}
    </Form>
  );
}
