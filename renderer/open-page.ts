// Opens a page of the provider's where the person reads such pages: in the system's browser, never in this window.
// Invariant: only https, and the page that is opened knows nothing of this one.

/** After a person's click. Whether it opened cannot be known in a browser, so there must be a link, too. */
export function openPage(url: string): void {
  if (!isHttps(url)) return;
  const native = window.posternNative;
  if (native === undefined) window.open(url, "_blank", "noopener,noreferrer");
  else void native.openExternal(url);
}

export function isHttps(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === "https:";
}
