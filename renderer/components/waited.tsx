// How long something has been waited for. Not spoken each second: whoever listens hears what is waited for once.
import { useTexts } from "../texts.tsx";
import { useNow } from "../use-now.ts";

/** @param since milliseconds since 1970 */
export function Waited({ since }: { readonly since: number }) {
  const { t } = useTexts();
  const now = useNow(1000);
  return (
    <span className="soft waited" aria-hidden="true">
      {t("sign-in.waited", { seconds: Math.max(0, Math.round((now - since) / 1000)) })}
    </span>
  );
}
