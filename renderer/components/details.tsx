// The fold "Technical details": complete, and copyable as it stands.
import { useTexts } from "../texts.tsx";
import { CopyButton } from "./copy-button.tsx";
import { Fold } from "./fold.tsx";

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
    <Fold title={t("common.details")} level={level}>
      <dl>
        {shown.map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <CopyButton text={text}>{t("common.copy-details")}</CopyButton>
    </Fold>
  );
}
