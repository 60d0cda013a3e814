// The client ids that whoever builds Postern has registered: `POSTERN_CLIENT_IDS='{"google": "…"}' npm run build`.
// Empty in a build without, and from the source. None of another product's belongs here.

/** Put in place by vite.config.ts. */
declare const __POSTERN_CLIENT_IDS__: Readonly<Record<string, string>> | undefined;

/** By the preset's id. */
export const BUILT_IN_CLIENT_IDS: Readonly<Record<string, string>> =
  typeof __POSTERN_CLIENT_IDS__ === "undefined" ? {} : __POSTERN_CLIENT_IDS__;
