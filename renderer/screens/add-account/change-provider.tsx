// When what was found is not right: another provider, or other servers.
import { useEffect, useState } from "react";
import { Button, ComboBox, Input, Label, ListBox, ListBoxItem, Popover } from "react-aria-components";
import type { Discovery } from "../../../src/control/contract.ts";
import type { GivenSettings, NewAccount } from "../../../src/new-account/settings.ts";
import { Fold } from "../../components/fold.tsx";
import { useTask } from "../../state/use-task.ts";
import { useControl } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";
import { ServersForm } from "./servers-form.tsx";

export interface ChangeProviderProps {
  readonly given: GivenSettings;
  readonly discovery: Discovery | undefined;
  readonly onProvider: (provider: string) => void;
  readonly onServers: (servers: Pick<NewAccount, "imap" | "smtp">) => void;
}

export function ChangeProvider({ given, discovery, onProvider, onServers }: ChangeProviderProps) {
  const { t } = useTexts();
  const control = useControl();
  const list = useTask((signal) => control.call("provider.list", {}, signal));
  const { run } = list;
  useEffect(() => void run(), [run]);
  const [chosen, setChosen] = useState<string>();
  const providers = list.state.kind === "done" ? list.state.value.providers : [];
  const hasServers = (given.imap ?? discovery?.imap) !== undefined;
  return (
    <Fold title={t("add.change")} className="details change-provider">
      <ComboBox
        className="field wide combo"
        menuTrigger="focus"
        onSelectionChange={(key) => setChosen(key === null ? undefined : String(key))}
      >
        <Label>{t("add.choose")}</Label>
        <div className="combo-input">
          <Input placeholder={t("add.choose-text")} />
          <Button className="button small" aria-label={t("add.choose")}>
            <span aria-hidden="true">▾</span>
          </Button>
        </div>
        <Popover className="popover">
          <ListBox className="list-box" items={providers}>
            {({ id, name }) => (
              <ListBoxItem id={id} textValue={name} className="list-item">
                {name}
              </ListBoxItem>
            )}
          </ListBox>
        </Popover>
      </ComboBox>
      <Button
        className="button"
        isDisabled={chosen === undefined}
        onPress={() => chosen !== undefined && onProvider(chosen)}
      >
        {t("add.choose-use")}
      </Button>
      {hasServers ? (
        <>
          <h4>{t("add.servers")}</h4>
          <ServersForm given={given} discovery={discovery} onServers={onServers} />
        </>
      ) : null}
    </Fold>
  );
}
