// Builds the tray app into out/: the main process with everything in it but Electron, and, with `--mode preload`, the preload
// script, which a sandbox takes only as one CommonJS file. The icons are copied beside them.
import { builtinModules } from "node:module";
import { defineConfig } from "vite";

export default defineConfig(({ mode }) => {
  const entry = mode === "preload" ? "preload" : "main";
  return {
    root: import.meta.dirname,
    publicDir: entry === "main" ? "icons" : false,
    // electron-updater's own format: `import()` of it gives its exports.
    ssr: { noExternal: true, external: ["electron", ...builtinModules] },
    build: {
      ssr: `${entry}.ts`,
      outDir: "../out",
      emptyOutDir: entry === "main",
      target: "node24",
      minify: false,
      sourcemap: true,
      rollupOptions: {
        output: { format: "cjs", entryFileNames: "[name].cjs", codeSplitting: false },
      },
    },
  };
});
