// A link to a page outside of Postern. It opens in the system's browser, wherever this window is.
import type { ReactNode } from "react";
import { Link } from "react-aria-components";
import { isHttps, openPage } from "../open-page.ts";

export function OutsideLink({
  url,
  children,
  className = "link",
}: {
  readonly url: string;
  readonly children: ReactNode;
  readonly className?: string;
}) {
  if (!isHttps(url)) return <span className="long-text">{url}</span>;
  if (window.posternNative === undefined) {
    return (
      <Link className={className} href={url} target="_blank" rel="noopener noreferrer">
        {children}
      </Link>
    );
  }
  return (
    <Link className={className} onPress={() => openPage(url)}>
      {children}
    </Link>
  );
}
