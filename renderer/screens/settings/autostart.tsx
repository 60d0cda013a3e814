// Starting with the computer: the tray app's own way where the window is one, else a service of the system.
import { useEffect, useState } from "react";
import type { Failure } from "../../../src/control/contract.ts";
import { Details } from "../../components/details.tsx";
import { FailureNote } from "../../components/failure-note.tsx";
import { Toggle } from "../../components/toggle.tsx";
import { type Control, failureFrom, isAbort } from "../../control.ts";
import { useControl } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";

interface Autostart {
  readonly isSupported: boolean;
  readonly isOn: boolean;
  readonly notice?: string | undefined;
}

export function Autostart() {
  const { t } = useTexts();
  const control = useControl();
  const [known, setKnown] = useState<Autostart>();
  const [failure, setFailure] = useState<Failure>();
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    const over = new AbortController();
    show(control, over.signal).then(setKnown, (thrown: unknown) => {
      if (!isAbort(thrown)) setFailure(failureFrom(thrown));
    });
    return () => over.abort();
  }, [control]);
  const set = async (isOn: boolean): Promise<void> => {
    setBusy(true);
    setFailure(undefined);
    await change(control, isOn).then(setKnown, (thrown: unknown) => setFailure(failureFrom(thrown)));
    setBusy(false);
  };
  return (
    <div>
      <Toggle
        isOn={known?.isOn ?? false}
        isDisabled={known?.isSupported !== true || isBusy}
        onChange={(isOn) => void set(isOn)}
      >
        {t("settings.autostart")}
      </Toggle>
      <p className="soft">
        {t(known?.isSupported === false ? "settings.autostart-none" : "settings.autostart-text")}
      </p>
      <Details details={[{ name: t("details.detail"), value: known?.notice }]} />
      {failure === undefined ? null : <FailureNote failure={failure} />}
    </div>
  );
}

async function show(control: Control, signal: AbortSignal): Promise<Autostart> {
  const native = window.posternNative;
  if (native !== undefined) return fromNative(await native.autostart.get());
  return fromService(await control.call("service.show", {}, signal));
}

async function change(control: Control, isOn: boolean): Promise<Autostart> {
  const native = window.posternNative;
  if (native !== undefined) return fromNative(await native.autostart.set(isOn));
  return fromService(await control.call(isOn ? "service.install" : "service.remove", {}));
}

const fromNative = ({ supported, enabled }: { supported: boolean; enabled: boolean }): Autostart => ({
  isSupported: supported,
  isOn: enabled,
});

const fromService = (service: {
  kind: string;
  installed: boolean;
  notice?: string | undefined;
}): Autostart => ({
  isSupported: service.kind !== "none",
  isOn: service.installed,
  notice: service.notice,
});
