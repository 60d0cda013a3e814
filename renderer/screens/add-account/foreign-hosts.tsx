// Servers outside of the address's own domain: nobody's mail goes there before the person has said that they know them.
import { Checkbox } from "react-aria-components";
import { useTexts } from "../../texts.tsx";

export function ForeignHosts({
  hosts,
  email,
  isAgreed,
  onAgreed,
}: {
  readonly hosts: readonly string[];
  readonly email: string;
  readonly isAgreed: boolean;
  readonly onAgreed: (isAgreed: boolean) => void;
}) {
  const { t } = useTexts();
  return (
    <section className="note note-problem">
      <h2>{t("add.foreign-title")}</h2>
      <ul>
        {hosts.map((host) => (
          <li key={host}>
            <strong>{host}</strong>
          </li>
        ))}
      </ul>
      <p>{t("add.foreign-text", { domain: email.slice(email.lastIndexOf("@") + 1) })}</p>
      <Checkbox className="checkbox" isSelected={isAgreed} onChange={onAgreed}>
        <span className="box" aria-hidden="true" />
        {t("add.foreign-agree")}
      </Checkbox>
    </section>
  );
}
