import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { run } from "../../../src/cli/output.ts";
import { PosternError } from "../../../src/errors/postern-error.ts";

let stdout: string;
let stderr: string;

beforeEach(() => {
  stdout = "";
  stderr = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    stdout += text;
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    stderr += text;
    return true;
  });
  onTestFinished(() => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  });
});

const fail = (error: PosternError) => () => Promise.reject(error);
const CONTEXT = { detail: "invalid_grant", letter: "Dear administrator,\nplease agree." };

describe("a command that fails", () => {
  test("says what happened, what to do for this very account, and hands over the letter", async () => {
    await run({}, fail(new PosternError("sign-in-ended", CONTEXT)), "alice@example.com");
    expect(stderr).toMatch(/^postern: .* \(invalid_grant\)\n/);
    expect(stderr).toContain("postern login alice@example.com");
    expect(stderr).not.toContain("EMAIL");
    expect(stderr).toMatch(/\n\nSend this to your administrator:\n\nDear administrator,\nplease agree\.\n/);
    expect([stdout, process.exitCode]).toEqual(["", 5]);
  });

  test("says the same in JSON for scripts, with the letter as it is", async () => {
    await run({ json: true }, fail(new PosternError("sign-in-ended", CONTEXT)), "a$&b@example.com");
    const { entry } = new PosternError("sign-in-ended");
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: "sign-in-ended",
        temporary: entry.temporary,
        sentence: entry.sentence,
        action: entry.action.split("EMAIL").join("a$&b@example.com"),
        ...CONTEXT,
      },
    });
    expect([stderr, process.exitCode]).toEqual(["", 5]);
  });

  test("says it in the daemon's words where the daemon said it", async () => {
    const told = { sentence: "The daemon's sentence.", action: "Ask CONTOSO about EMAIL." };
    await run({}, fail(new PosternError("sign-in-ended", { told })), "alice@example.com");
    expect(stderr).toBe("postern: The daemon's sentence.\nAsk CONTOSO about alice@example.com.\n");
  });
});
