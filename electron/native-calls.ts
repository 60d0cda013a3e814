// The few native things that the page may ask: the main process's half of `window.posternNative`.
// Invariant: only the window's own page is answered, in its main frame, and only what has the right shape.
import { z } from "zod";
import type { Autostart } from "../src/control/native.ts";
import { CHANNELS } from "./channels.ts";
import type { IpcCall, IpcSlice } from "./electron-api.ts";
import { isOurs } from "./window.ts";

export interface NativeParts {
  readonly autostart: { get(): Promise<Autostart>; set(enabled: boolean): Promise<Autostart> };
  openExternal(url: string): Promise<boolean>;
}

const nothing = z.tuple([]);
const oneSwitch = z.tuple([z.boolean()]);
const oneAddress = z.tuple([z.string().min(1).max(16_384)]);

export function answerNativeCalls(ipc: IpcSlice, { autostart, openExternal }: NativeParts): void {
  handle(ipc, CHANNELS.autostartGet, nothing, () => autostart.get());
  handle(ipc, CHANNELS.autostartSet, oneSwitch, ([enabled]) => autostart.set(enabled));
  handle(ipc, CHANNELS.openExternal, oneAddress, ([url]) => openExternal(url));
}

function handle<T>(
  ipc: IpcSlice,
  channel: string,
  schema: z.ZodType<T>,
  answer: (words: T) => Promise<unknown>,
): void {
  ipc.handle(channel, async (event, ...words) => {
    if (!isFromOurPage(event)) throw new Error("only the window's own page may ask this");
    const parsed = schema.safeParse(words);
    if (!parsed.success) throw new Error(`${channel} was asked in a wrong way`);
    return answer(parsed.data);
  });
}

function isFromOurPage({ senderFrame }: IpcCall): boolean {
  return senderFrame !== null && senderFrame.parent === null && isOurs(senderFrame.url);
}
