// The window's pages, as the tray opens them: the part of the address after `#`.
export type Route = `/${string}`;

export const HOME: Route = "/";

export const accountRoute = (email: string): Route => `/account/${encodeURIComponent(email)}/programs`;
export const SETTINGS_ROUTE: Route = "/settings";
