import { chmodSync, chownSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { policyPaths } from "../../../src/installation/policy.ts";
import { flawOf, mapsOnlySome, readPolicyFile } from "../../../src/policy/policy-file.ts";
import { openPolicy } from "../../../src/policy/policy-source.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { runProgram } from "../../support/run-program.ts";
import { createTemporaryFolder } from "../../support/temporary-folder.ts";

function write(path: string, content: unknown, mode = 0o644): string {
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  chmodSync(path, mode);
  return path;
}

function places() {
  const folder = createTemporaryFolder();
  const [machine, own] = [join(folder, "machine.json"), join(folder, "own.json")] as const;
  return { folder, machine, own, paths: [machine, own] };
}

describe("the policy's place", () => {
  test("is the machine's, whatever the environment says", () => {
    const env = { POSTERN_POLICY: "/home/me/mine.json", ProgramData: "D:\\mine", ProgramFiles: "D:\\mine" };
    expect(policyPaths(env, "linux")).toEqual(["/etc/postern/policy.json", "/home/me/mine.json"]);
    expect(policyPaths(env, "win32")[0]).toBe("C:\\Program Files\\Postern\\policy.json");
    expect(policyPaths({}, "darwin")).toEqual(["/Library/Application Support/Postern/policy.json"]);
  });

  test("is a person's own only where the machine has none: nobody gets out of a policy by their environment", async () => {
    const { machine, own, paths } = places();
    write(own, { version: 1, organisation: "mine" });
    expect(await readPolicyFile(paths)).toMatchObject({ path: own, policy: { organisation: "mine" } });
    write(machine, { version: 1, organisation: "theirs" });
    expect(await readPolicyFile(paths)).toMatchObject({ path: machine, policy: { organisation: "theirs" } });
    write(machine, "{");
    expect(await readPolicyFile(paths)).toMatchObject({ path: machine, kind: "flawed" });
  });

  test("may be empty, and may be a link, as configuration management makes one", async () => {
    const { folder, machine, own } = places();
    expect(await readPolicyFile([machine, join(machine, "deeper.json")])).toEqual({ kind: "none" });
    symlinkSync(write(own, { version: 1 }), machine);
    expect(await readPolicyFile([machine])).toMatchObject({ kind: "policy", path: machine });
    expect(await readPolicyFile([folder])).toMatchObject({ kind: "flawed", problem: "it is not a file" });
  });
});

describe("a policy file", () => {
  test.each([0o666, 0o664, 0o646])("that others may write to (mode %o) decides nothing", async (mode) => {
    const { machine } = places();
    write(machine, { version: 1 }, mode);
    const { kind, ...file } = await readPolicyFile([machine]);
    expect([kind, JSON.stringify(file)]).toEqual(["flawed", expect.stringContaining("chmod go-w")]);
  });

  test("that belongs to somebody else than root and this person decides nothing", async () => {
    const { machine } = places();
    write(machine, { version: 1 });
    const owner = process.getuid?.() ?? 0;
    // Only root can give a file away, so here it is the reader who is somebody else where this is not root.
    if (owner === 0) chownSync(machine, 12_345, 12_345);
    const reading = (person: number) => readPolicyFile([machine], { person, hidesOwners: false });
    const file = await reading(owner === 0 ? 1000 : owner + 1);
    expect(file).toMatchObject({ kind: "flawed", problem: expect.stringContaining("chown root") });
    expect(await reading(owner === 0 ? 12_345 : owner)).toMatchObject({ kind: "policy" });
  });

  test("of root's, seen from a sandbox that hides owners, is root's", () => {
    expect(mapsOnlySome("         0          0 4294967295\n")).toBe(false);
    expect(mapsOnlySome("      1000       1000          1\n")).toBe(true);
    expect(mapsOnlySome("         0       1000          1\n         1     100000      65536\n")).toBe(true);
  });

  test("of nobody's is root's in such a sandbox, and nobody's outside of it", () => {
    const stats = { isFile: () => true, size: 100, uid: 65_534, mode: 0o100644 };
    expect(flawOf(stats, { person: 1000, hidesOwners: true })).toBeUndefined();
    expect(flawOf(stats, { person: 1000, hidesOwners: false })).toContain("chown root");
    expect(flawOf({ ...stats, uid: 1001 }, { person: 1000, hidesOwners: true })).toContain("chown root");
    // Windows: the folder decides.
    expect(flawOf({ ...stats, mode: 0o100666 }, { person: undefined, hidesOwners: false })).toBeUndefined();
  });

  test("that is endless, or a pipe that nobody writes into, keeps nobody waiting", async () => {
    const { folder, machine } = places();
    write(machine, `{"version":1}${" ".repeat(300_000)}`);
    expect(await readPolicyFile([machine])).toMatchObject({ problem: "it is larger than 256 KB" });
    const pipe = join(folder, "pipe");
    await runProgram("mkfifo", ["-m", "600", pipe]);
    expect(await readPolicyFile([pipe])).toMatchObject({ problem: "it is not a file" });
  });
});

describe("a change of the policy", () => {
  test("is seen within five seconds, also of a file that was not there, and again when it goes", async () => {
    const { machine, paths } = places();
    const clock = createFakeClock();
    const source = await openPolicy(paths, clock);
    const seen: (string | undefined)[] = [];
    const stop = source.watch(async () => void seen.push(source.current().policy?.organisation));
    const pass = async (count: number) => {
      await clock.advance(5000);
      await expect.poll(() => [seen.length, clock.scheduled()]).toEqual([count, 1]);
    };
    write(machine, { version: 1, organisation: "A" });
    await pass(1);
    await pass(1);
    rmSync(machine);
    await pass(2);
    expect(seen).toEqual(["A", undefined]);
    stop();
    expect(clock.scheduled()).toBe(0);
  });

  test("is followed before whoever asks is answered, each once", async () => {
    const { machine, paths } = places();
    const source = await openPolicy(paths, createFakeClock());
    const followed: string[] = [];
    source.watch(async () => {
      const name = source.current().policy?.organisation ?? "none";
      await new Promise((resolve) => setImmediate(resolve));
      followed.push(name);
    });
    write(machine, { version: 1, organisation: "A" });
    const answers = await Promise.all([source.refresh(), source.refresh()]);
    expect(answers.map(({ policy }) => policy?.organisation)).toEqual(["A", "A"]);
    expect(followed).toEqual(["A"]);
  });

  test("into nonsense leaves in force what held, so that mail goes on, and is told", async () => {
    const { machine, paths } = places();
    write(machine, { version: 1, settings: { imapPort: 3143 } });
    const source = await openPolicy(paths, createFakeClock());
    write(machine, "{ half a");
    const { file, policy } = await source.refresh();
    expect([file.kind, policy?.settings]).toEqual(["flawed", { imapPort: 3143 }]);
    write(machine, { version: 1 });
    expect((await source.refresh()).policy).toEqual({ version: 1 });
  });
});
