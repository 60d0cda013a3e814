// The card of values, in the order in which the program asks for them, each with a way to copy it.
import type { Card } from "../../../src/mail-program/card.ts";
import type { Field } from "../../../src/mail-program/field.ts";
import { CopyButton } from "../../components/copy-button.tsx";
import type { Texts } from "../../speech.ts";
import { useTexts } from "../../texts.tsx";

export interface SettingsCardProps {
  readonly card: Card;
  readonly password: string;
  /** The fields' ids. */
  readonly toCorrect: readonly string[];
}

export function SettingsCard({ card, password, toCorrect }: SettingsCardProps) {
  const { t } = useTexts();
  return card.groups.map(({ name, fields }) => {
    const group = t(`connect.group.${name}`);
    return (
      <section key={name} className="values" aria-label={group}>
        <h3>{group}</h3>
        <ul className="cards">
          {fields.map((field) => (
            <FieldRow
              key={field.id}
              field={field}
              group={group}
              password={password}
              isWrong={toCorrect.includes(field.id)}
            />
          ))}
        </ul>
      </section>
    );
  });
}

function FieldRow({
  field,
  group,
  password,
  isWrong,
}: {
  readonly field: Field;
  readonly group: string;
  readonly password: string;
  readonly isWrong: boolean;
}) {
  const { t } = useTexts();
  const label = field.label.kind === "setting" ? field.label.name : t(`connect.label.${field.label.word}`);
  const value = formatValue(field, password, t);
  const isTyped = field.value.kind === "text" || field.value.kind === "local-password";
  return (
    <li className="value" data-field={field.id} data-correct={isWrong} {...(isWrong ? { tabIndex: -1 } : {})}>
      <span className="value-label">{label}</span>
      <span className="value-text">
        {isTyped ? <code translate="no">{value}</code> : value}
        {isWrong ? <strong className="value-wrong">{t("connect.correct")}</strong> : null}
      </span>
      {field.value.kind === "own-name" ? null : (
        <CopyButton text={value} name={t("connect.copy-field", { field: label, group })} />
      )}
    </li>
  );
}

function formatValue({ value }: Field, password: string, t: Texts["t"]): string {
  switch (value.kind) {
    case "text":
      return value.text;
    case "choice":
      return t(`connect.choice.${value.choice}`);
    case "own-name":
      return t("connect.own-name");
    case "local-password":
      return password;
  }
}
