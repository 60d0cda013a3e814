// Postern starts by itself: what is written for systemd, launchd and Windows, as the systems' own programs read it where
// they are there, and the way in and out of a home.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { formatLaunchAgent } from "../../../src/service/launch-agent.ts";
import { createService, type RunSystemProgram } from "../../../src/service/service.ts";
import { startCommand } from "../../../src/service/start-command.ts";
import { formatSystemdUnit } from "../../../src/service/systemd-unit.ts";
import { formatRunValue } from "../../../src/service/windows-logon.ts";

const EXPECTED = join(import.meta.dirname, "expected");
const folder = mkdtempSync(join(tmpdir(), "service-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Everything that means something to one of the systems. */
const AWKWARD = `/home/ann/50% & "mine" <$HOME> \\n/key`;
const start = startCommand(["/opt/Postern/resources/bin/postern"], { POSTERN_HOME: AWKWARD, OTHER: "x" });
const fromNode = startCommand(["/usr/bin/node", "/home/ann/my $tools/100%/main.js"], {});

describe("what is written", () => {
  it("a systemd unit", async () => {
    await expect(formatSystemdUnit(start)).toMatchFileSnapshot(join(EXPECTED, "executable.service"));
    await expect(formatSystemdUnit(fromNode)).toMatchFileSnapshot(join(EXPECTED, "node.service"));
  });

  it("a launchd agent", async () => {
    const text = formatLaunchAgent(start, "/Users/ann/Library/Logs/Postern.log");
    await expect(text).toMatchFileSnapshot(join(EXPECTED, "agent.plist"));
  });

  it("a Run value of Windows, where a path with blanks stays one word", () => {
    expect(formatRunValue(startCommand(["C:\\Program Files\\Postern\\postern.exe"], {}))).toBe(
      'conhost.exe --headless "C:\\Program Files\\Postern\\postern.exe" serve',
    );
    expect(formatRunValue(startCommand(["C:\\a b\\", 'say "hi"\\'], {}))).toBe(
      'conhost.exe --headless "C:\\a b\\\\" "say \\"hi\\"\\\\" serve',
    );
  });

  it("takes along where things are, and neither a proxy nor anything else of the environment", () => {
    const env = {
      POSTERN_KEYCHAIN: "file",
      POSTERN_KEYCHAIN_KEY_FILE: "/k",
      HTTPS_PROXY: "http://me:secret@proxy",
      POSTERN_POLICY: "",
    };
    expect(startCommand(["/postern"], env)).toEqual({
      program: "/postern",
      words: ["serve"],
      environment: { POSTERN_KEYCHAIN: "file", POSTERN_KEYCHAIN_KEY_FILE: "/k" },
    });
  });
});

describe("as the systems read it", () => {
  const analyze = "/usr/bin/systemd-analyze";
  const hasSystemd = existsSync(analyze);
  if (!hasSystemd) process.stderr.write("LEFT OUT: systemd-analyze verify: it is not on this machine\n");

  it.runIf(hasSystemd)("systemd has nothing to say against the units, also the one for servers", () => {
    // Its own programs must be there for it to be content.
    const server = readFileSync(
      join(import.meta.dirname, "../../../packaging/systemd/postern.service"),
      "utf8",
    );
    const units = {
      "awkward.service": formatSystemdUnit({ ...start, program: "/bin/true" }),
      "postern.service": server.replaceAll("/usr/bin/postern", "/bin/true"),
    };
    for (const [name, text] of Object.entries(units)) {
      writeFileSync(join(folder, name), text);
      const verified = spawnSync(analyze, ["verify", "--man=no", join(folder, name)], { encoding: "utf8" });
      expect(`${verified.stdout}${verified.stderr}`).not.toContain(name);
    }
    writeFileSync(join(folder, "wrong.service"), "[Service]\nExecStart=relative\nRestart=sometimes\n");
    const wrong = spawnSync(analyze, ["verify", "--man=no", join(folder, "wrong.service")], {
      encoding: "utf8",
    });
    expect(wrong.stderr).toContain("wrong.service");
  });

  const python = "/usr/bin/python3";
  const hasPython = existsSync(python);
  if (!hasPython)
    process.stderr.write("LEFT OUT: the plist as plistlib reads it: Python is not on this machine\n");

  it.runIf(hasPython)("the agent says to a reader of plists exactly what was meant", () => {
    const program = "import json, plistlib, sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))";
    const read = spawnSync(python, ["-c", program], {
      input: formatLaunchAgent({ ...start, words: ["a & b", "serve"] }, "/l"),
      encoding: "utf8",
    });
    expect(read.stderr).toBe("");
    expect(JSON.parse(read.stdout)).toMatchObject({
      ProgramArguments: [start.program, "a & b", "serve", "--log-level", "warn"],
      EnvironmentVariables: { POSTERN_HOME: AWKWARD },
      RunAtLoad: true,
      KeepAlive: { SuccessfulExit: false },
    });
  });
});

describe("in a home", () => {
  function rig(platform: NodeJS.Platform, answer: RunSystemProgram = async () => "", env = {}) {
    const said: string[] = [];
    const userHome = mkdtempSync(join(folder, "home-"));
    const run: RunSystemProgram = (program, words) => {
      said.push([program, ...words].join(" "));
      return answer(program, words);
    };
    const service = createService({ platform, env, userHome, userId: 1000, command: ["/opt/postern"], run });
    return { service, said, userHome };
  }

  it("systemd: installed, started where nothing runs, and gone again", async () => {
    const { service, said, userHome } = rig("linux");
    const path = join(userHome, ".config/systemd/user/postern.service");
    expect(await service.show()).toEqual({ kind: "systemd-user", installed: false, path });
    const installed = await service.install(true);
    expect(installed).toMatchObject({
      installed: true,
      path,
      notice: expect.stringContaining("enable-linger"),
    });
    expect(readFileSync(path, "utf8")).toContain('ExecStart="/opt/postern" "serve"');
    expect(said).toEqual(["systemctl --user daemon-reload", "systemctl --user enable --now postern.service"]);
    expect(await service.remove()).toEqual({ kind: "systemd-user", installed: false, path });
    expect(existsSync(path)).toBe(false);
    // Nothing that runs is stopped: who removes it may be asking through it.
    expect(said.slice(2).join("\n")).not.toMatch(/stop|--now/);
  });

  it("systemd: is not started a second time where it runs already", async () => {
    const { service, said } = rig("linux");
    await service.install(false);
    expect(said.at(-1)).toBe("systemctl --user enable postern.service");
  });

  it("systemd: without one that answers, the unit is written and says what is left to do", async () => {
    const absent = rig("linux", async () => undefined);
    const silent = rig("linux", async () => {
      throw Object.assign(new Error("failed"), { stderr: "Failed to connect to bus: No medium found\n" });
    });
    expect((await absent.service.install(true)).notice).toContain("systemctl --user enable --now");
    expect((await silent.service.install(true)).notice).toContain("No medium found");
    for (const { service } of [absent, silent]) {
      expect(await service.show()).toMatchObject({ installed: true });
      expect(await service.remove()).toMatchObject({ installed: false });
    }
  });

  it("launchd: the agent lies where launchd looks, and one that is refused is told", async () => {
    const { service, said, userHome } = rig("darwin");
    const path = join(userHome, "Library/LaunchAgents/org.postern.Postern.plist");
    expect(await service.install(true)).toEqual({ kind: "launch-agent", installed: true, path });
    expect(said).toEqual([`launchctl bootstrap gui/1000 ${path}`]);
    expect(await service.remove()).toMatchObject({ installed: false });
    const refused = rig("darwin", async () => {
      throw Object.assign(new Error("failed"), { stderr: "Bootstrap failed: 5: Input/output error" });
    });
    await expect(refused.service.install(true)).rejects.toMatchObject({
      code: "service-failed",
      detail: expect.stringContaining("Bootstrap failed"),
    });
  });

  it("Windows: the value is in the person's own Run key, and is read from there", async () => {
    const values = new Set<string>();
    const { service, said } = rig("win32", async (_program, [verb = "", , , value = ""]) => {
      if (verb === "query" && !values.has(value)) throw new Error("not found");
      if (verb === "add") values.add(value);
      if (verb === "delete") values.delete(value);
      return "";
    });
    expect(await service.show()).toMatchObject({ kind: "windows-logon", installed: false });
    expect(await service.install(true)).toMatchObject({
      installed: true,
      notice: expect.stringContaining("log on"),
    });
    expect(said.find((words) => words.startsWith("reg.exe add HKCU\\"))).toContain(
      "/d conhost.exe --headless /opt/postern serve",
    );
    expect(await service.remove()).toMatchObject({ installed: false });
  });

  it("an AppImage has no fixed place: it says what does start it", async () => {
    const { service } = rig("linux", undefined, { APPIMAGE: "/home/ann/Postern.AppImage" });
    expect(await service.show()).toMatchObject({ kind: "none", notice: expect.stringContaining("AppImage") });
    await expect(service.install(true)).rejects.toMatchObject({ code: "service-failed" });
  });
});
