// Makes the installers of the system that it runs on, into dist-installers/, behind `npm run build:installers`. Electron's
// binary is fetched by electron-builder, or taken from the folder that ELECTRON_DIST names. `--dir` packs without installers.
// Environment: POSTERN_UPDATE_FEED, POSTERN_MAINTAINER ("Name <address>"), POSTERN_HOMEPAGE, and what signs.
import { parseArgs } from "node:util";
import { build, Platform } from "electron-builder";
import { linuxTargets, settingsFrom } from "./installer-settings.ts";

const { dir } = parseArgs({ options: { dir: { type: "boolean", default: false } } }).values;
const { env } = process;
const platform = Platform.current();
const targets = platform === Platform.LINUX ? linuxTargets(env) : [];
if (platform === Platform.LINUX && targets.length === 1) {
  process.stderr.write(
    "without deb and rpm: POSTERN_MAINTAINER and POSTERN_HOMEPAGE do not say whose they are\n",
  );
}

await build({
  targets: platform.createTarget(dir ? "dir" : [...targets]),
  config: {
    ...settingsFrom(env),
    ...(env.ELECTRON_DIST === undefined ? {} : { electronDist: env.ELECTRON_DIST }),
  },
  publish: "never",
});
