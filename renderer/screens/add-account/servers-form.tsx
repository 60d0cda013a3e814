// The mail servers, named by hand.
import { useState } from "react";
import {
  Button,
  FieldError,
  Form,
  Input,
  Label,
  NumberField,
  Radio,
  RadioGroup,
  TextField,
} from "react-aria-components";
import type { Discovery } from "../../../src/control/contract.ts";
import { parseHost } from "../../../src/new-account/host.ts";
import type { GivenSettings, NewAccount } from "../../../src/new-account/settings.ts";
import { useTexts } from "../../texts.tsx";

type Server = NewAccount["imap"];
type Servers = { readonly imap: Server; readonly smtp: Server };

/** RFC 8314 §3: TLS from the start is what to try first. */
const USUAL = {
  imap: { implicit: 993, starttls: 143 },
  smtp: { implicit: 465, starttls: 587 },
} as const;

export function ServersForm({
  given,
  discovery,
  onServers,
}: {
  readonly given: GivenSettings;
  readonly discovery: Discovery | undefined;
  readonly onServers: (servers: Servers) => void;
}) {
  const { t } = useTexts();
  const usual = (protocol: "imap" | "smtp"): Server => ({
    host: "",
    port: USUAL[protocol].implicit,
    tls: "implicit",
  });
  const [imap, setImap] = useState<Server>(given.imap ?? discovery?.imap ?? usual("imap"));
  const [smtp, setSmtp] = useState<Server>(given.smtp ?? discovery?.smtp ?? usual("smtp"));
  return (
    <Form
      className="form panel"
      onSubmit={(event) => {
        event.preventDefault();
        onServers({
          imap: { ...imap, host: parseHost(imap.host) ?? imap.host },
          smtp: { ...smtp, host: parseHost(smtp.host) ?? smtp.host },
        });
      }}
    >
      <ServerFields title={t("add.server-reading")} protocol="imap" server={imap} onChange={setImap} />
      <ServerFields title={t("add.server-sending")} protocol="smtp" server={smtp} onChange={setSmtp} />
      <div className="buttons">
        <Button className="button primary" type="submit">
          {t("add.servers-use")}
        </Button>
      </div>
    </Form>
  );
}

function ServerFields({
  title,
  protocol,
  server,
  onChange,
}: {
  readonly title: string;
  readonly protocol: "imap" | "smtp";
  readonly server: Server;
  readonly onChange: (server: Server) => void;
}) {
  const { t } = useTexts();
  const chooseTls = (tls: Server["tls"]): void => {
    // A port that the person has not changed follows the usual one.
    const isUsual = server.port === USUAL[protocol][server.tls];
    onChange({ ...server, tls, port: isUsual ? USUAL[protocol][tls] : server.port });
  };
  return (
    <fieldset className="server">
      <legend>{title}</legend>
      <TextField
        className="field"
        value={server.host}
        onChange={(host) => onChange({ ...server, host: host.trim() })}
        validate={(host) => (host === "" || parseHost(host) !== undefined ? null : t("add.host-wrong"))}
        isRequired
      >
        <Label>{t("add.host")}</Label>
        <Input autoComplete="off" spellCheck="false" placeholder="mail.example.org" />
        <FieldError className="field-error" />
      </TextField>
      <NumberField
        className="field short"
        value={server.port}
        minValue={1}
        maxValue={65_535}
        commitBehavior="validate"
        formatOptions={{ useGrouping: false }}
        onChange={(port) => onChange({ ...server, port: Number.isNaN(port) ? server.port : port })}
      >
        <Label>{t("add.port")}</Label>
        <Input />
        <FieldError className="field-error">{t("add.port-wrong")}</FieldError>
      </NumberField>
      <RadioGroup
        className="radios"
        value={server.tls}
        onChange={(value) => chooseTls(value === "starttls" ? "starttls" : "implicit")}
      >
        <Label>{t("add.tls")}</Label>
        {(["implicit", "starttls"] as const).map((tls) => (
          <Radio key={tls} className="radio" value={tls}>
            <span className="ring" aria-hidden="true" />
            {t(`add.tls.${tls}`)}
          </Radio>
        ))}
      </RadioGroup>
    </fieldset>
  );
}
