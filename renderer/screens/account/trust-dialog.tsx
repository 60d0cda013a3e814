// Shows the servers that a person agreed to beside those that the account names now; only then can they agree.
import { Confirm } from "../../components/confirm.tsx";
import { useControl } from "../../state/window-state.tsx";
import { useTexts } from "../../texts.tsx";

interface Props {
  readonly email: string;
  readonly hosts: { readonly trusted: readonly string[]; readonly now: readonly string[] };
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

export function TrustDialog({ email, hosts, isOpen, onClose }: Props) {
  const { t } = useTexts();
  const control = useControl();
  return (
    <Confirm
      isOpen={isOpen}
      onClose={onClose}
      title={t("trust.title")}
      verb={t("trust.agree")}
      cancelVerb={t("trust.refuse")}
      onConfirm={async () => {
        await control.call("account.trust", { email, hosts: [...hosts.now] });
      }}
    >
      <p>{t("trust.text", { email })}</p>
      <div className="compare">
        <section>
          <h3>{t("trust.before")}</h3>
          <ul>
            {hosts.trusted.map((host) => (
              <li key={host}>{host}</li>
            ))}
          </ul>
        </section>
        <section>
          <h3>{t("trust.now")}</h3>
          <ul>
            {hosts.now.map((host) => (
              <li key={host}>
                {host}{" "}
                {hosts.trusted.includes(host) ? null : <strong className="tag">{t("trust.new")}</strong>}
              </li>
            ))}
          </ul>
        </section>
      </div>
      <p>{t("trust.warning")}</p>
    </Confirm>
  );
}
