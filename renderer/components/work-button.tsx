// A button whose work takes a while. Invariants: it keeps the focus meanwhile, and a second press does nothing.
// Not react-aria's own `isPending`: that announces by an id, which is gone when the screen changes, and axe calls that serious.
import type { ReactNode } from "react";
import { Button } from "react-aria-components";

export interface WorkButtonProps {
  readonly isBusy: boolean;
  /** Absent for a button that submits its form. */
  readonly onPress?: () => void;
  readonly isDisabled?: boolean;
  readonly className?: string;
  readonly children: ReactNode;
}

export function WorkButton({
  isBusy,
  onPress,
  isDisabled = false,
  className = "button",
  children,
}: WorkButtonProps) {
  return (
    <Button
      className={isBusy ? `${className} busy` : className}
      type={onPress === undefined && !isBusy ? "submit" : "button"}
      isDisabled={isDisabled}
      onPress={() => {
        if (!isBusy) onPress?.();
      }}
    >
      {children}
    </Button>
  );
}
