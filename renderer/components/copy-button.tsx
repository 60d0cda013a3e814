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
  const [ended, setEnded] = useState<{ readonly said: string }>();
  useEffect(() => {
    if (ended === undefined) return;
    const timer = setTimeout(() => setEnded(undefined), SAID_FOR);
    return () => clearTimeout(timer);
  }, [ended]);
  const copy = async (): Promise<void> => {
    const isCopied = await copyText(text);
    const said = t(isCopied ? "common.copied" : "common.not-copied");
    setEnded({ said: isCopied ? `✓ ${said}` : said });
    announce(said);
  };
  return (
    <Button
      className={className}
      onPress={() => void copy()}
      {...(name === undefined || ended !== undefined
        ? {}
        : { "aria-label": t("common.copy-named", { name }) })}
    >
      {ended?.said ?? children ?? t("common.copy")}
    </Button>
  );
}

/** False where the text could not be had, or the system refuses. */
async function copyText(text: CopyButtonProps["text"]): Promise<boolean> {
  try {
    if (typeof text === "string") await navigator.clipboard.writeText(text);
    // Begun at once, since some browsers allow it only while the press is being answered.
    else await navigator.clipboard.write([new ClipboardItem({ "text/plain": toBlob(text()) })]);
    return true;
  } catch {
    return false;
  }
}

async function toBlob(asked: Promise<string | undefined>): Promise<Blob> {
  const text = await asked;
  if (text === undefined) throw new Error("there is nothing to copy");
  return new Blob([text], { type: "text/plain" });
}
