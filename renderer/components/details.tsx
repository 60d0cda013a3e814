// The fold "Technical details": complete, and copyable as it stands.
import { Button, Disclosure, DisclosurePanel, Heading } from "react-aria-components";
import { useTexts } from "../texts.tsx";
import { CopyButton } from "./copy-button.tsx";

export interface Detail {
  readonly name: string;
  /** Absent: there is none, and no line. */
  readonly value: string | undefined;
}

interface DetailsProps {
  readonly details: readonly Detail[];
  /** Of the fold's heading, below the one that it belongs to. */
  readonly level?: 2 | 3;
}

export function Details({ details, level = 3 }: DetailsProps) {
  const { t } = useTexts();
  const shown = details.filter(({ value }) => value !== undefined && value !== "");
  if (shown.length === 0) return null;
  const text = shown.map(({ name, value }) => `${name}: ${value}`).join("\n");
  return (
    <Disclosure className="details">
      <Heading level={level} className="details-heading">
        <Button slot="trigger" className="details-trigger">
          <svg viewBox="0 0 16 16" aria-hidden="true" className="chevron">
            <path d="M6 3l5 5-5 5" />
          </svg>
          {t("common.details")}
        </Button>
      </Heading>
      <DisclosurePanel className="details-panel">
        <dl>
          {shown.map(({ name, value }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <CopyButton text={text}>{t("common.copy-details")}</CopyButton>
      </DisclosurePanel>
    </Disclosure>
  );
}
