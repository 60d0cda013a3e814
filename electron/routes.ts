// The window's pages, as the tray opens them: the part of the address after `#`.
export type Route = `/${string}`;

export const HOME: Route = "/";

export const accountRoute = (email: string): Route => `/account/${encodeURIComponent(email)}/programs`;
/** Where a person signs in with what a browser alone does not do: a code, a paste, a decision. */
export const signInRoute = (email: string): Route => `/account/${encodeURIComponent(email)}/sign-in`;
export const SETTINGS_ROUTE: Route = "/settings";
