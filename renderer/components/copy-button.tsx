// Copies one thing, and says that it has.
import { type ReactNode, useEffect, useState } from "react";
import { Button } from "react-aria-components";
import { useTexts } from "../texts.tsx";
import { useAnnounce } from "./announcer.tsx";

export interface CopyButtonProps {
  /** The text, or how to come by it. */
  readonly text: string | (() => Promise<string | undefined>);
  /** What is copied: "the server's name". Absent where the label tells it. */
  readonly name?: string;
  readonly children?: ReactNode;
  readonly className?: string;
}

/** Milliseconds for which it says so. */
const SAID_FOR = 2500;

export function CopyButton({ text, name, children, className = "button small" }: CopyButtonProps) {
  const { t } = useTexts();
  const announce = useAnnounce();
  const [copied, setCopied] = useState(0);
  useEffect(() => {
    if (copied === 0) return;
    const timer = setTimeout(() => setCopied(0), SAID_FOR);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async (): Promise<void> => {
    const value = typeof text === "string" ? text : await text();
    if (value === undefined) return;
    await navigator.clipboard.writeText(value);
    setCopied((count) => count + 1);
    announce(t("common.copied"));
  };
  return (
    <Button
      className={className}
      onPress={() => void copy()}
      {...(name === undefined || copied > 0 ? {} : { "aria-label": t("common.copy-named", { name }) })}
    >
      {copied > 0 ? `✓ ${t("common.copied")}` : (children ?? t("common.copy"))}
    </Button>
  );
}
