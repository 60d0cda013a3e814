// What Electron's preload script puts beside the page; in a browser there is nothing.
import type { PosternNative } from "../src/control/native.ts";

declare global {
  interface Window {
    readonly posternNative?: PosternNative;
  }
}
