// Pictures of the window's screens, in light and dark, for people who look at a run; and axe on each of them.
// Invariant: the pictures lie in out/, which no commit holds; those that the README shows were copied from there.
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Page } from "playwright-core";
import { seriousBarriers } from "./accessibility.ts";

export const SCREENS_FOLDER = resolve(import.meta.dirname, "../../out/screens");

/** Photographs the page in both colour schemes. @returns what axe finds serious in either */
export async function showScreen(page: Page, name: string): Promise<readonly string[]> {
  await mkdir(SCREENS_FOLDER, { recursive: true });
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.screenshot({
      path: join(SCREENS_FOLDER, `${name}-${colorScheme}.png`),
      animations: "disabled",
    });
    found.push(...(await seriousBarriers(page)));
  }
  await page.emulateMedia({ colorScheme: "light" });
  return found;
}
