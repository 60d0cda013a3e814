// Where in the window a person is, as the part of the address after `#`. Pure: both ways between text and meaning.

export const ACCOUNT_TABS = ["programs", "passwords", "activity", "more"] as const;
export type AccountTab = (typeof ACCOUNT_TABS)[number];

export type Route =
  | { readonly kind: "home" }
  | { readonly kind: "add" }
  | { readonly kind: "account"; readonly email: string; readonly tab: AccountTab }
  /** The card of values for a mail program. */
  | { readonly kind: "connect"; readonly email: string }
  | { readonly kind: "sign-in"; readonly email: string }
  | { readonly kind: "register"; readonly provider: string }
  | { readonly kind: "activity" }
  | { readonly kind: "settings" };

export function formatRoute(route: Route): string {
  switch (route.kind) {
    case "home":
      return "#/";
    case "add":
    case "activity":
    case "settings":
      return `#/${route.kind}`;
    case "register":
      return `#/register/${encodeURIComponent(route.provider)}`;
    case "account":
      return `#/account/${encodeURIComponent(route.email)}/${route.tab}`;
    case "connect":
    case "sign-in":
      return `#/account/${encodeURIComponent(route.email)}/${route.kind}`;
  }
}

/** Home, for whatever is no address of this window. */
export function parseRoute(hash: string): Route {
  const [first, second, third, ...more] = partsOf(hash);
  if (more.length > 0) return { kind: "home" };
  if (first === "account" && second !== undefined) return parseAccount(second, third);
  if (third !== undefined) return { kind: "home" };
  if (first === "register" && second !== undefined) return { kind: "register", provider: second };
  if (second !== undefined) return { kind: "home" };
  if (first === "add" || first === "activity" || first === "settings") return { kind: first };
  return { kind: "home" };
}

function parseAccount(email: string, page: string | undefined): Route {
  if (page === undefined) return { kind: "account", email, tab: "programs" };
  if (page === "connect" || page === "sign-in") return { kind: page, email };
  const tab = ACCOUNT_TABS.find((one) => one === page);
  return tab === undefined ? { kind: "home" } : { kind: "account", email, tab };
}

function partsOf(hash: string): string[] {
  const path = /^#\/([^?]*)/.exec(hash)?.[1] ?? "";
  try {
    return path
      .split("/")
      .filter((part) => part !== "")
      .map(decodeURIComponent);
  } catch {
    return [];
  }
}
