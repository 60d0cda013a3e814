import { describe, expect, test } from "vitest";
import { type AskedLine, readCredentials } from "../../../../src/mail/sasl/exchange.ts";

const encode = (text: string): string => Buffer.from(text).toString("base64");
const line = (text: string): AskedLine => ({ kind: "line", octets: Buffer.from(text) });

/** Runs an exchange in which the mail program answers each prompt with the next of `answers`. */
async function exchange(mechanism: string, initialResponse: string | undefined, answers: AskedLine[]) {
  const prompts: string[] = [];
  const outcome = await readCredentials(mechanism, initialResponse, async (prompt) => {
    prompts.push(prompt);
    return answers.shift() ?? { kind: "end" };
  });
  const told =
    outcome.kind === "credentials"
      ? [outcome.credentials.authcid, outcome.credentials.localPassword.reveal()]
      : outcome.kind;
  return { prompts, told };
}

describe("AUTH PLAIN", () => {
  const message = encode("\0alice\0secret");

  test("with an initial response asks for nothing", async () => {
    expect(await exchange("PLAIN", message, [])).toEqual({ prompts: [], told: ["alice", "secret"] });
  });

  test("without one prompts with the empty challenge", async () => {
    expect(await exchange("PLAIN", undefined, [line(message)])).toEqual({
      prompts: [""],
      told: ["alice", "secret"],
    });
  });

  test("with the zero-length response `=` is malformed, not prompted for", async () => {
    expect(await exchange("PLAIN", "=", [line(message)])).toEqual({ prompts: [], told: "malformed" });
  });

  test("is named in any case", async () => {
    expect((await exchange("plain", message, [])).told).toEqual(["alice", "secret"]);
  });
});

describe("AUTH LOGIN", () => {
  test("prompts with exactly the two strings that Thunderbird compares", async () => {
    expect(await exchange("LOGIN", undefined, [line(encode("alice")), line(encode("secret"))])).toEqual({
      prompts: ["VXNlcm5hbWU6", "UGFzc3dvcmQ6"],
      told: ["alice", "secret"],
    });
  });

  test("takes the user name from the command line and prompts for the password alone", async () => {
    expect(await exchange("LOGIN", encode("alice"), [line(encode("secret"))])).toEqual({
      prompts: ["UGFzc3dvcmQ6"],
      told: ["alice", "secret"],
    });
  });

  test("takes an empty answer for an empty password, not for the end", async () => {
    expect((await exchange("LOGIN", encode("alice"), [line("")])).told).toEqual(["alice", ""]);
  });

  test("can be cancelled at the second prompt", async () => {
    expect((await exchange("LOGIN", undefined, [line(encode("alice")), line("*")])).told).toBe("cancelled");
  });
});

describe("an exchange that does not end with credentials", () => {
  test.each<[string, string | undefined, AskedLine[], string]>([
    ["is cancelled by `*`", undefined, [line("*")], "cancelled"],
    ["refuses bad base64 in a line", undefined, [line("AGFsaWNl!!AHB3*")], "invalid-base64"],
    ["refuses bad base64 in the initial response", "!!!!", [], "invalid-base64"],
    ["does not take `*` in the initial response for a cancel", "*", [], "invalid-base64"],
    ["refuses a zero-length response `=` behind a prompt", undefined, [line("=")], "invalid-base64"],
    ["tells a line that is too long", undefined, [{ kind: "too-long" }], "too-long"],
    ["ends with a flood", undefined, [{ kind: "flood" }], "end"],
    ["ends with the connection", undefined, [], "end"],
    ["refuses a foreign authzid", encode("victim\0alice\0pw"), [], "foreign-authzid"],
  ])("%s", async (_what, initialResponse, answers, kind) => {
    expect((await exchange("PLAIN", initialResponse, answers)).told).toBe(kind);
  });

  test.each(["XOAUTH2", "CRAM-MD5", "PLAIN "])("does not know the mechanism %j", async (mechanism) => {
    expect(await exchange(mechanism, undefined, [])).toEqual({ prompts: [], told: "unknown-mechanism" });
  });

  test("tells a mechanism that is missing from one that it does not know", async () => {
    expect(await exchange("", undefined, [])).toEqual({ prompts: [], told: "no-mechanism" });
  });
});
