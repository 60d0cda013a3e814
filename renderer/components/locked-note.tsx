// Says that an administrator has set something, and who. Nothing where a person may change it.
import { type Lock, useLock } from "../screens/settings/use-setting.ts";

export function LockedNote({ name }: { readonly name: Parameters<Lock["isLocked"]>[0] }) {
  const { isLocked, note } = useLock();
  if (!isLocked(name)) return null;
  return (
    <p className="locked">
      <svg className="lock" viewBox="0 0 16 16" aria-hidden="true">
        <path d="M4 7V5a4 4 0 0 1 8 0v2h1v8H3V7zm2 0h4V5a2 2 0 0 0-4 0z" />
      </svg>
      {note}
    </p>
  );
}
