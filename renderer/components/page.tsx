// One page of the window: a heading that takes the focus when one comes here, and the title of the window.
import { type ReactNode, useEffect, useRef } from "react";

/** Not on the first page: there the browser's own focus is right. */
let isFirst = true;

export function Page({
  title,
  children,
  className = "page",
}: {
  readonly title: string;
  readonly children: ReactNode;
  readonly className?: string;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} – Postern`;
    if (!isFirst) heading.current?.focus();
    isFirst = false;
  }, [title]);
  return (
    <div className={className}>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </div>
  );
}
