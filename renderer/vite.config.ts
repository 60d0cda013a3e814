// Builds the window's page into dist/page: files of its own origin only, so that its Content-Security-Policy lets nothing else in.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// Whatever runs the build: a test runner's own value would put React's development build into the page.
process.env.NODE_ENV = "production";

export default defineConfig({
  root: import.meta.dirname,
  base: "/",
  plugins: [react()],
  build: {
    outDir: "../dist/page",
    emptyOutDir: true,
    target: "chrome120",
    // Inlined files would be data: addresses, which the policy allows for images only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // In kilobytes, before compression: it comes from this machine, in one piece.
    chunkSizeWarningLimit: 1000,
  },
});
