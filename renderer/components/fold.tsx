// Something that most people do not need, behind its title.
import type { ReactNode } from "react";
import { Button, Disclosure, DisclosurePanel, Heading } from "react-aria-components";

export interface FoldProps {
  readonly title: string;
  readonly isOpen?: boolean;
  readonly level?: 2 | 3;
  readonly className?: string;
  readonly children: ReactNode;
}

export function Fold({ title, isOpen = false, level = 3, className = "details", children }: FoldProps) {
  return (
    <Disclosure className={className} defaultExpanded={isOpen}>
      <Heading level={level} className="details-heading">
        <Button slot="trigger" className="details-trigger">
          <svg viewBox="0 0 16 16" aria-hidden="true" className="chevron">
            <path d="M6 3l5 5-5 5" />
          </svg>
          {title}
        </Button>
      </Heading>
      <DisclosurePanel className="details-panel">{children}</DisclosurePanel>
    </Disclosure>
  );
}
