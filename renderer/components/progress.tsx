// Something that goes on for nobody knows how long: what it is, for how long already, and a way to end it.
import type { ReactNode } from "react";
import { ProgressBar } from "react-aria-components";
import { Waited } from "./waited.tsx";

export function Progress({
  label,
  since,
  children,
}: {
  readonly label: string;
  readonly since?: number;
  readonly children?: ReactNode;
}) {
  return (
    <div className="waiting" role="status">
      <ProgressBar className="progress" isIndeterminate aria-label={label}>
        <div className="progress-track" />
      </ProgressBar>
      <p className="waiting-what">{label}</p>
      {since === undefined ? null : <Waited since={since} />}
      {children}
    </div>
  );
}
