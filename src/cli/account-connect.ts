// `postern account connect`: what a mail program asks for, in its own order, with a new local password; and its files.
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command, Option } from "commander";
import { PosternError } from "../errors/postern-error.ts";
import { type Card, cardOf } from "../mail-program/card.ts";
import type { Field } from "../mail-program/field.ts";
import { filesOf, type ProgramFile } from "../mail-program/files.ts";
import { localAccess } from "../mail-program/local-access.ts";
import { freeName, OUTLOOKS, PROGRAMS, type Setup } from "../mail-program/program.ts";
import { connectEn } from "../messages/connect-en.ts";
import { daemon } from "./daemon.ts";
import { print, run } from "./output.ts";

interface Options {
  readonly program: Setup;
  readonly name?: string;
  readonly files?: string;
  readonly json?: boolean;
}

/** The new Outlook has no card: it cannot reach this machine. */
const SETUPS = [...PROGRAMS, ...OUTLOOKS].filter((one) => one !== "outlook" && one !== "outlook-new");

export function accountConnect(): Command {
  return new Command("connect")
    .description("Makes a local password for a mail program and shows what that program asks for.")
    .argument("<email>")
    .addOption(new Option("--program <program>", "which").choices(SETUPS).makeOptionMandatory())
    .option("--name <name>", "of the local password (default: the program's, with a number if it is taken)")
    .option("--files <folder>", "write the files that the program takes there, readable for you only")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `
The new Outlook for Windows is not among them: it fetches mail through Microsoft's servers, which cannot reach this machine.

Examples:
  postern account connect alice@example.org --program thunderbird
  postern account connect alice@example.org --program mutt --files .`,
    )
    .action((email: string, options: Options) => run(options, () => connect(email, options), email));
}

async function connect(email: string, options: Options): Promise<undefined> {
  const setup = options.program;
  const client = await daemon();
  const [account, { listeners }] = await Promise.all([
    client.call("account.show", { email }),
    client.call("status", {}),
  ]);
  const access = localAccess(account, listeners, setup);
  // Before there is a password that nobody has seen.
  for (const { name } of filesOf(setup, access, "")) refuseIfThere(options.files, name);
  const taken = account.passwords.map(({ name }) => name);
  const name = options.name ?? freeName(setup, taken);
  const { password } = await client.call("password.create", { email, name });
  const files = filesOf(setup, access, password);
  const written = options.files === undefined ? [] : await writeFiles(options.files, files);
  const card = cardOf(setup, access);
  const data = {
    name,
    password,
    fields: card.groups.flatMap(({ fields }) =>
      fields.map((field) => ({
        id: field.id,
        kind: field.kind,
        label: labelOf(field),
        value: shownValue(field, password),
      })),
    ),
    files: written,
  };
  print(options, data, describeCard(card, name, password, written, files));
  return undefined;
}

function refuseIfThere(folder: string | undefined, name: string): void {
  if (folder === undefined || !existsSync(join(folder, name))) return;
  throw new PosternError("request-invalid", { detail: `${join(folder, name)} is there already` });
}

async function writeFiles(folder: string, files: readonly ProgramFile[]): Promise<string[]> {
  const written = files.map(({ name, text }) => ({ path: join(folder, name), text }));
  for (const { path, text } of written) await writeFile(path, text, { mode: 0o600, flag: "wx" });
  return written.map(({ path }) => path);
}

function labelOf({ label }: Field): string {
  return label.kind === "setting" ? label.name : connectEn[`connect.label.${label.word}`];
}

function shownValue({ value }: Field, password: string): string {
  switch (value.kind) {
    case "text":
      return value.text;
    case "choice":
      return connectEn[`connect.choice.${value.choice}`];
    case "own-name":
      return connectEn["connect.own-name"];
    case "local-password":
      return password;
  }
}

function describeCard(
  card: Card,
  name: string,
  password: string,
  written: readonly string[],
  files: readonly ProgramFile[],
): string {
  const groups = card.groups.map((group) => {
    const width = Math.max(...group.fields.map((field) => labelOf(field).length));
    const lines = group.fields.map(
      (field) => `  ${labelOf(field).padEnd(width)}   ${shownValue(field, password)}`,
    );
    return [connectEn[`connect.group.${group.name}`], ...lines].join("\n");
  });
  const commands = files.flatMap(({ command }) => (command === undefined ? [] : [`  ${command}`]));
  return [
    ...card.notes.map((note) => connectEn[`connect.note.${note}`]),
    ...groups,
    ...(written.length === 0 ? [] : [`Written, with the password in it: ${written.join(", ")}`]),
    ...(written.length === 0 || commands.length === 0
      ? []
      : [["To add them to what you have, there:", ...commands].join("\n")]),
    `The password is shown once, and is called "${name}". Whether the program gets in: postern watch`,
  ].join("\n\n");
}
