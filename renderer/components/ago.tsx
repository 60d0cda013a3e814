// A time as people say it, with the exact one on hover.
import { useTexts } from "../texts.tsx";
import { useNow } from "../use-now.ts";

export function Ago({ at }: { readonly at: number }) {
  const { relative, exact } = useTexts();
  const now = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} title={exact(at)}>
      {relative(at, now)}
    </time>
  );
}
