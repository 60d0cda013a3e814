// One of a few, in a list that opens.
import { Button, Label, ListBox, ListBoxItem, Popover, Select, SelectValue } from "react-aria-components";

export interface Option<T extends string> {
  readonly id: T;
  readonly label: string;
}

export function Choice<T extends string>({
  label,
  options,
  value,
  onChange,
  isDisabled = false,
}: {
  readonly label: string;
  readonly options: readonly Option<T>[];
  readonly value: T;
  readonly onChange: (value: T) => void;
  readonly isDisabled?: boolean;
}) {
  return (
    <Select
      className="field choice"
      value={value}
      isDisabled={isDisabled}
      onChange={(key) => {
        const chosen = options.find(({ id }) => id === key);
        if (chosen !== undefined) onChange(chosen.id);
      }}
    >
      <Label>{label}</Label>
      <Button className="choice-button">
        <SelectValue />
        <svg viewBox="0 0 16 16" aria-hidden="true" className="chevron chevron-down">
          <path d="M6 3l5 5-5 5" />
        </svg>
      </Button>
      <Popover className="popover">
        <ListBox className="list-box">
          {options.map(({ id, label: text }) => (
            <ListBoxItem key={id} id={id} className="list-item">
              {text}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </Select>
  );
}
