// Opens the system browser. Whoever asked for a sign-in does this, never the daemon: it may have no display.
import { spawn } from "node:child_process";
import { pathToFileURL } from "node:url";

/** Starts the browser; false where there is none to start. Only https addresses are opened (threats.md G3). */
export function openBrowser(url: string): Promise<boolean> {
  return new URL(url).protocol === "https:" ? start(url) : Promise.resolve(false);
}

/** As `openBrowser`, with a page that lies in a file of this user's own. */
export function openLocalPage(path: string): Promise<boolean> {
  return start(pathToFileURL(path).href);
}

function start(url: string): Promise<boolean> {
  const [program, ...words] = browserCommand(process.platform);
  return new Promise((resolve) => {
    const child = spawn(program, [...words, url], { stdio: "ignore", detached: true });
    child.once("error", () => resolve(false));
    child.once("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
}

function browserCommand(platform: NodeJS.Platform): [string, ...string[]] {
  if (platform === "darwin") return ["open"];
  // Not `start`: cmd.exe would read the address's ampersands as commands.
  if (platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler"];
  return ["xdg-open"];
}
