import react from "@vitejs/plugin-react";
import { defineConfig } from "electron-vite";

export default defineConfig({
  main: { build: { lib: { entry: "electron/main.ts" }, outDir: "out/main" } },
  renderer: {
    root: "renderer",
    base: "./",
    plugins: [react()],
    build: { outDir: "out/renderer", minify: true, rollupOptions: { input: "renderer/index.html" } },
  },
});
