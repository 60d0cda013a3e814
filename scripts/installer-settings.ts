// What electron-builder.yml leaves open, from the environment of whoever builds: where updates are, and who publishes.
// Invariant: what is not named there is not guessed: no feed means no updates, no publisher means no deb and no rpm.
import type { Configuration } from "electron-builder";

export type BuildEnvironment = Readonly<Record<string, string | undefined>>;

/** @throws Error saying which variable is wrong */
export function settingsFrom(env: BuildEnvironment): Configuration {
  const feed = env.POSTERN_UPDATE_FEED;
  if (feed !== undefined && !isFeed(feed)) {
    throw new Error("POSTERN_UPDATE_FEED is not an https address, or has a password in it");
  }
  return {
    ...(feed === undefined ? {} : { publish: { provider: "generic", url: feed } }),
    ...(env.POSTERN_MAINTAINER === undefined ? {} : { linux: { maintainer: env.POSTERN_MAINTAINER } }),
    ...(env.POSTERN_HOMEPAGE === undefined ? {} : { extraMetadata: { homepage: env.POSTERN_HOMEPAGE } }),
  };
}

/** The formats for Linux that can be made: a deb and an rpm name who maintains them, and where that is said. */
export function linuxTargets(env: BuildEnvironment): readonly string[] {
  const named = env.POSTERN_MAINTAINER !== undefined && env.POSTERN_HOMEPAGE !== undefined;
  return named ? ["AppImage", "deb", "rpm"] : ["AppImage"];
}

function isFeed(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return protocol === "https:" && username === "" && password === "";
}
