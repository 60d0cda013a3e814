// What the README tells users of mbsync, msmtp and mutt is what the window gives them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { filesOf } from "../../../src/mail-program/files.ts";
import { createAccess } from "./access.ts";

const README = readFileSync(join(import.meta.dirname, "../../../README.md"), "utf8").replaceAll("\r\n", "\n");

test.each(filesOf("mutt", createAccess(), "THE-LOCAL-PASSWORD"))("the README has $name", ({ text }) => {
  const indented = text.replace(/^(?=.)/gm, "    ");
  expect(README).toContain(indented);
});
