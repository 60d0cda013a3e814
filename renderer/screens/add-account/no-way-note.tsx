// A mailbox that cannot be opened in the way that was wanted, and what is the way.
import type { ReactNode } from "react";
import { Button } from "react-aria-components";
import type { Discovery } from "../../../src/control/contract.ts";
import type { NoWay } from "../../../src/new-account/no-way.ts";
import { OutsideLink } from "../../components/outside-link.tsx";
import { useTexts } from "../../texts.tsx";

export function NoWayNote({
  way,
  discovery,
  onKind,
  back,
}: {
  readonly way: NoWay;
  readonly discovery: Discovery;
  readonly onKind: (kind: "oauth" | "password") => void;
  readonly back: ReactNode;
}) {
  const { t } = useTexts();
  const provider = discovery.providerName ?? "";
  switch (way.kind) {
    case "other-program":
      return (
        <section className="note">
          <h2>{t("add.no-way-other", { provider })}</h2>
          <p lang="en">{way.instead.text}</p>
          <div className="buttons">
            <OutsideLink className="button primary" url={way.instead.page}>
              {t("add.no-way-get", { program: way.instead.name })}
            </OutsideLink>
            {back}
          </div>
        </section>
      );
    case "no-password":
      return (
        <section className="note">
          <h2>{t("add.no-way-no-password", { provider })}</h2>
          <div className="buttons">
            <Button className="button primary" onPress={() => onKind("oauth")}>
              {t("add.use-sign-in")}
            </Button>
            {back}
          </div>
        </section>
      );
    case "password-only":
      return (
        <section className="note">
          <h2>{t("add.no-way-password-only", { provider })}</h2>
          <div className="buttons">
            <Button className="button primary" onPress={() => onKind("password")}>
              {t("add.password")}
            </Button>
            {back}
          </div>
        </section>
      );
  }
}
