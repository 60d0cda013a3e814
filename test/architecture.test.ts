// The house: who may import whom, and which tools of Node are allowed in which room. docs/architecture.md tells why.
import { globSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, resolve, sep } from "node:path";
import { parseSync } from "oxc-parser";
import { describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");

/** Each room's imports from our own rooms. A room may always import itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "src/secret": [],
  "src/clock": [],
  "src/errors": [],
  "src/storage": ["src/errors", "src/clock"],
  "src/mail/wire": ["src/errors", "src/clock"],
  "src/mail/sasl": ["src/errors", "src/secret"],
  "src/mail/imap": ["src/mail/wire", "src/mail/sasl", "src/errors", "src/clock"],
  "src/mail/smtp": ["src/mail/wire", "src/mail/sasl", "src/errors", "src/clock"],
  // Of the mail room only the limits.
  "src/network": ["src/mail/wire/limits.ts", "src/errors", "src/secret", "src/clock"],
  "src/mail/dial": ["src/network", "src/mail/wire", "src/errors", "src/clock"],
  "src/oauth/client": ["src/errors", "src/secret", "src/clock"],
  "src/oauth/keychain": ["src/errors", "src/secret", "src/clock", "src/storage"],
  "src/oauth/token": [
    "src/oauth/client",
    "src/oauth/keychain",
    "src/errors",
    "src/secret",
    "src/clock",
    "src/storage",
  ],
  "src/account": ["src/oauth/token", "src/errors", "src/secret", "src/clock"],
  "src/proxy": [
    "src/network/route.ts",
    "src/mail",
    "src/account",
    "src/oauth/token",
    "src/errors",
    "src/secret",
    "src/clock",
  ],
  // Data: what is known about providers.
  "src/provider": ["src/errors"],
  // The way to a client id: guides, progress, an administrator's scripts. Pure.
  "src/registration": ["src/provider", "src/errors"],
  // What an administrator's file decides.
  "src/policy": [
    "src/control/settings-shapes.ts",
    "src/control/provider-contract.ts",
    "src/account/account.ts",
    "src/errors",
    "src/clock",
  ],
  // Asks live servers what a preset says of them, and a provider about a client id that is new.
  "src/provider-check": [
    "src/provider",
    "src/discovery/http.ts",
    "src/network/route.ts",
    "src/mail",
    "src/oauth/client",
    "src/errors",
    "src/secret",
    "src/clock",
  ],
  // It reads what servers announce, and carries no token.
  "src/discovery": [
    "src/provider",
    "src/network",
    "src/mail",
    "src/oauth/client",
    "src/account/account.ts",
    "src/errors",
    "src/clock",
  ],
  "src/control/shapes.ts": [],
  "src/control/settings-shapes.ts": [],
  "src/control/native.ts": [],
  "src/control/activity-shapes.ts": ["src/control/shapes.ts"],
  "src/control/snapshot-shapes.ts": [
    "src/control/shapes.ts",
    "src/control/settings-shapes.ts",
    "src/control/activity-shapes.ts",
  ],
  "src/control/provider-contract.ts": ["src/control/shapes.ts"],
  "src/control/contract.ts": [
    "src/control/shapes.ts",
    "src/control/settings-shapes.ts",
    "src/control/activity-shapes.ts",
    "src/control/snapshot-shapes.ts",
    "src/control/provider-contract.ts",
  ],
  "src/control": [
    "src/control/contract.ts",
    "src/control/shapes.ts",
    "src/control/snapshot-shapes.ts",
    "src/errors",
    "src/secret",
    "src/clock",
  ],
  // What each mail program asks for. Pure; of the contract only types.
  "src/mail-program": ["src/control/contract.ts"],
  "src/page": ["src/control", "src/errors", "src/secret", "src/clock"],
  // Shared by the command line and the window: nothing of Node.
  "src/new-account": ["src/control/contract.ts"],
  "src/installation": [],
  // Postern starts by itself: texts for systemd, launchd and Windows, and the programs that take them.
  "src/service": ["src/errors"],
  "src/daemon": [
    "src/service",
    "src/installation",
    "src/provider",
    "src/provider-check",
    "src/registration",
    "src/policy",
    "src/discovery",
    "src/network",
    "src/mail",
    "src/oauth",
    "src/account",
    "src/proxy",
    "src/control",
    "src/storage",
    "src/errors",
    "src/secret",
    "src/clock",
  ],
  // The daemon for `serve` only.
  "src/cli": [
    "src/service",
    "src/page",
    "src/clock",
    "src/control",
    "src/installation",
    "src/daemon",
    "src/provider",
    "src/registration",
    "src/new-account",
    "src/mail-program",
    "src/messages",
    "src/errors",
  ],
  // What people read, in each language. Of the catalogue only the codes.
  "src/messages": ["src/errors/catalogue.ts"],
  renderer: [
    "src/new-account",
    "src/mail-program",
    "src/control/contract.ts",
    "src/control/native.ts",
    "src/messages",
  ],
  electron: ["src/control", "src/installation", "src/page", "src/messages", "src/errors", "src/clock"],
};

/** Node's sockets are for these only; everybody else is handed a stream. */
const MAY_OPEN_SOCKETS = [
  "src/network",
  "src/proxy/listener.ts",
  "src/proxy/mail-proxy.ts",
  "src/proxy/connection.ts",
  "src/oauth/client/redirect-listener.ts",
  "src/page/browser-server.ts",
  "src/control",
  "src/daemon",
];

interface Import {
  readonly file: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

const files = globSync(["src/**/*.ts", "electron/*.ts", "renderer/**/*.{ts,tsx}"], { cwd: ROOT }).map(
  (file) => file.split(sep).join(posix.sep),
);
const imports = files.flatMap(importsOf);

function importsOf(file: string): Import[] {
  const source = readFileSync(join(ROOT, file), "utf8");
  const { module, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file} cannot be parsed`);
  const fixed = module.staticImports.map((statement) => ({
    file,
    specifier: statement.moduleRequest.value,
    typeOnly: statement.entries.length > 0 && statement.entries.every((entry) => entry.isType),
  }));
  const dynamic = module.dynamicImports.map(({ moduleRequest: { start, end } }) => ({
    file,
    specifier: source.slice(start, end).replace(/^["']|["']$/g, ""),
    typeOnly: false,
  }));
  return [...fixed, ...dynamic];
}

/** The file that a relative import names, from the root. */
function targetOf({ file, specifier }: Import): string {
  return relative(ROOT, resolve(ROOT, dirname(file), specifier))
    .split(sep)
    .join(posix.sep);
}

/** The table's row for a file: the longest that it lies in. */
function roomOf(file: string): string {
  const rooms = Object.keys(MAY_IMPORT).filter((room) => isIn(file, room));
  const [room] = rooms.sort((left, right) => right.length - left.length);
  if (room === undefined) throw new Error(`${file} stands in no room of the table`);
  return room;
}

function isIn(file: string, room: string): boolean {
  return file === room || file.startsWith(`${room}/`);
}

describe("the house", () => {
  it("has a row in the table for every file, and a file for every row", () => {
    const used = new Set(files.map(roomOf));
    expect([...used].sort()).toEqual(Object.keys(MAY_IMPORT).sort());
  });

  it("lets each room import only what the table says", () => {
    const wrong = imports
      .filter(({ specifier }) => specifier.startsWith("."))
      .map((one) => ({ file: one.file, target: targetOf(one) }))
      .filter(({ file, target }) => {
        const room = roomOf(file);
        return !isIn(target, room) && !(MAY_IMPORT[room] ?? []).some((allowed) => isIn(target, allowed));
      });
    expect(wrong).toEqual([]);
  });

  it("keeps IMAP, SMTP and the dialler apart", () => {
    const protocols = ["src/mail/imap", "src/mail/smtp", "src/mail/dial"];
    const crossing = imports
      .filter(({ specifier }) => specifier.startsWith("."))
      .filter((one) => {
        const from = protocols.find((room) => isIn(one.file, room));
        return from !== undefined && protocols.some((room) => room !== from && isIn(targetOf(one), room));
      });
    expect(crossing).toEqual([]);
  });

  it("opens sockets in few places", () => {
    const opening = imports
      .filter(
        ({ specifier, typeOnly }) => /^node:(net|tls|http|https|http2|dgram)$/.test(specifier) && !typeOnly,
      )
      .filter(({ file }) => !MAY_OPEN_SOCKETS.some((room) => isIn(file, room)));
    expect(opening).toEqual([]);
  });

  it("imports electron in one file, and in what the page's own process runs", () => {
    const importing = imports.filter(({ specifier }) => specifier === "electron").map(({ file }) => file);
    expect(importing.every((file) => ["electron/main.ts", "electron/preload.ts"].includes(file))).toBe(true);
    expect(importing).toContain("electron/main.ts");
  });

  it("gives the page only the types of the control API", () => {
    const loading = imports
      .filter(({ specifier, typeOnly }) => specifier.startsWith(".") && !typeOnly)
      .filter((one) => isIn(one.file, "renderer") && isIn(targetOf(one), "src/control"));
    expect(loading).toEqual([]);
  });

  it("gives the page nothing of Node", () => {
    const wrong = imports.filter(
      ({ file, specifier }) => isIn(file, "renderer") && specifier.startsWith("node:"),
    );
    expect(wrong).toEqual([]);
  });

  it("gives what the page shares nothing of Node, and of the contract only types", () => {
    const shared = imports.filter(({ file }) => isIn(file, "src/mail-program"));
    const wrong = shared.filter(
      (one) =>
        one.specifier.startsWith("node:") || (targetOf(one).startsWith("src/control/") && !one.typeOnly),
    );
    expect(wrong).toEqual([]);
  });

  it("loads the daemon for `serve` only, and there only when it runs", () => {
    const loading = imports
      .filter(({ specifier, typeOnly }) => specifier.startsWith(".") && !typeOnly)
      .filter((one) => isIn(one.file, "src/cli") && isIn(targetOf(one), "src/daemon"));
    expect(loading.map(({ file }) => file)).toEqual(["src/cli/serve.ts", "src/cli/serve.ts"]);
  });

  it("gives the contract nothing but zod", () => {
    const contract = imports.filter(({ file }) => file === "src/control/contract.ts");
    const others = contract
      .map(({ specifier }) => specifier)
      .filter((one) => !/^\.\/[a-z-]+(?:shapes|contract)\.ts$|^\.\/shapes\.ts$/.test(one));
    expect(others).toEqual(["zod"]);
  });

  it("takes the time from the clock only", () => {
    const allowed = ["src/clock", "src/cli", "renderer"];
    const wrong = files
      .filter((file) => !allowed.some((room) => isIn(file, room)))
      .filter((file) =>
        /\b(?:Date\.now|setTimeout|setInterval|performance\.now)\(/.test(
          readFileSync(join(ROOT, file), "utf8"),
        ),
      );
    expect(wrong).toEqual([]);
  });

  it("tells every file's purpose in its first lines", () => {
    const silent = files.filter((file) => {
      const [first, second] = readFileSync(join(ROOT, file), "utf8").split("\n");
      return !(first?.startsWith("#!") ? second : first)?.startsWith("// ");
    });
    expect(silent).toEqual([]);
  });

  it("has no file that hides two", () => {
    const long = files.filter((file) => readFileSync(join(ROOT, file), "utf8").split("\n").length > 400);
    expect(long).toEqual([]);
  });
});
