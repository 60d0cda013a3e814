// Looks for a password where none may be: in texts and files, however it is written, and in every process's command line.
// Invariant: what it looks through is really there; an empty place is an error.
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/** The places that hold the password, with the spelling that was found. */
export function tracesIn(
  places: ReadonlyMap<string, string | Buffer>,
  ...secrets: readonly Secret[]
): string[] {
  return [...places].flatMap(([place, content]) => {
    const octets = Buffer.from(content as string);
    return secrets
      .flatMap(spellingsOf)
      .filter(([, spelling]) => octets.includes(spelling))
      .map(([kind]) => `${place}: ${kind}`);
  });
}

export interface Secret {
  readonly user: string;
  readonly password: string;
}

function spellingsOf({ user, password }: Secret): [kind: string, spelling: Buffer][] {
  const octets = Buffer.from(password);
  const texts = {
    "as it is": password,
    "in Latin-1": Buffer.from(password, "latin1"),
    "in JSON": JSON.stringify(password).slice(1, -1),
    "in a URL": encodeURIComponent(password),
    "in base64": octets.toString("base64"),
    // Whatever stands before it in the same value: the three ways in which base64 can be shifted, without the ends.
    "in base64, shifted by one": shifted(octets, 1),
    "in base64, shifted by two": shifted(octets, 2),
    "in a message of PLAIN": Buffer.from(`\0${user}\0${password}`).toString("base64"),
    "in hexadecimal": octets.toString("hex"),
  };
  return Object.entries(texts).map(([kind, text]) => [kind, Buffer.from(text as string)]);
}

function shifted(octets: Buffer, by: number): string {
  return Buffer.concat([Buffer.alloc(by), octets])
    .toString("base64")
    .slice(4, -4);
}

/** Every file below the folders, by path. */
export async function filesBelow(...folders: readonly string[]): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const folder of folders) {
    for (const name of await readdir(folder, { recursive: true })) {
      const path = join(folder, name);
      if ((await stat(path)).isFile()) files.set(path, await readFile(path));
    }
  }
  if (files.size === 0) throw new Error(`there is no file below ${folders.join(", ")}`);
  return files;
}

export interface CommandLines {
  /** All that have been seen, with the environments, each once. Ends the watching. */
  stop(): Promise<string>;
}

/** Looks at the arguments and the environment of every process that can be seen, again and again (proc(5)). */
export function watchCommandLines(): CommandLines {
  const seen = new Set<string>();
  let over = process.platform !== "linux";
  const watching = (async () => {
    while (!over) {
      for (const id of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
        for (const what of ["cmdline", "environ"]) {
          // Processes end while they are looked at.
          const text = await readFile(`/proc/${id}/${what}`, "utf8").catch(() => "");
          if (text !== "") seen.add(text);
        }
      }
    }
  })();
  return {
    async stop() {
      over = true;
      await watching;
      return [...seen].join("\n");
    },
  };
}
