// The bare Node pipe as a contender: as plain JavaScript, so that its start is not that of a TypeScript loader.
import { readFile, writeFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import type { Contender } from "./contender.ts";
import { type Rig, XOAUTH2_MESSAGE } from "./rig.ts";

export async function createBarePipe({ folder, authorityFile, stub }: Rig): Promise<Contender> {
  const program = join(folder, "bare-pipe.mjs");
  const source = await readFile(join(import.meta.dirname, "bare-pipe.ts"), "utf8");
  await writeFile(program, stripTypeScriptTypes(source));
  return {
    name: "bare Node pipe",
    form: { kind: "login", user: "user", password: "password" },
    logFile: join(folder, "bare-pipe.log"),
    command: async (port) => ({
      program: process.execPath,
      arguments: [program, `${port}`, `${stub.port}`, authorityFile, XOAUTH2_MESSAGE],
    }),
  };
}
