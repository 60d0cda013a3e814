// The guide to a client id on a page of its own, for whoever comes from an account whose client id is refused.
import { Page } from "../../components/page.tsx";
import { useTexts } from "../../texts.tsx";
import { goTo } from "../../use-route.ts";
import { Guide } from "./guide.tsx";

export function RegistrationScreen({ provider }: { readonly provider: string }) {
  const { t } = useTexts();
  return (
    <Page title={t("guide.title")}>
      <Guide provider={provider} onUsable={() => goTo({ kind: "add" })} />
    </Page>
  );
}
