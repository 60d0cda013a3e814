// What the browser shows after the sign-in: constant pages, nothing of the request in them (threats.md C6).
import { createHash } from "node:crypto";
import type { PosternError } from "../../errors/postern-error.ts";

const STYLE =
  ":root{color-scheme:light dark}body{font:1.1rem/1.6 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1.5rem}h1{font-size:1.5rem}";

export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; frame-ancestors 'none'; base-uri 'none'`,
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
};

export const SIGNED_IN_PAGE = page(
  "You are signed in",
  "Postern has what it needs. You can close this window and go back to your mail program.",
);

export const QUESTION_PAGE = page(
  "One question is left",
  "You signed in under another name than the mailbox has. Nothing is kept yet: go back to Postern and answer there.",
);

export const NOTHING_HERE_PAGE = page(
  "Nothing here",
  "This address belongs to a sign-in that Postern is waiting for.",
);

/** @param address of the account, for what to do next */
export function failurePage(error: PosternError, address: string): string {
  return page(
    "The sign-in did not work",
    `${error.sentence} ${error.action.replaceAll("EMAIL", () => address)}`,
  );
}

function page(title: string, text: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Postern</title><style>${STYLE}</style><h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p></html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
