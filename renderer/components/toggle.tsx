// On or off, taking effect at once.
import type { ReactNode } from "react";
import { Switch } from "react-aria-components";

export function Toggle({
  isOn,
  onChange,
  isDisabled = false,
  children,
}: {
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
  readonly isDisabled?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <Switch className="toggle" isSelected={isOn} onChange={onChange} isDisabled={isDisabled}>
      <span className="toggle-label">{children}</span>
      <span className="toggle-track" aria-hidden="true">
        <span className="toggle-knob" />
      </span>
    </Switch>
  );
}
