// Hands a browser the window's one-time address without an argument that other users of the machine could read: by a file
// that only this user can, and that leads there (threats.md A6).
// Invariant: the file is this run's own, and gone as soon as the address has served.
import { rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface WindowLauncher {
  readonly path: string;
  /** At once, so that it also serves a process that ends. */
  remove(): void;
}

/** @param folder this user's own */
export async function writeWindowLauncher(folder: string, url: string): Promise<WindowLauncher> {
  const path = join(folder, `open-window-${process.pid}.html`);
  const remove = (): void => rmSync(path, { force: true });
  // What a former process of this number may have left when it was killed.
  remove();
  await writeFile(path, pageTo(url), { mode: 0o600, flag: "wx" });
  return { path, remove };
}

/** The address is of our own making: letters, digits and `:/#?=_-.`. */
function pageTo(url: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="referrer" content="no-referrer">
    <title>Postern</title>
    <script>location.replace("${url}")</script>
  </head>
  <body><p><a href="${url}">Open Postern</a></p></body>
</html>
`;
}
