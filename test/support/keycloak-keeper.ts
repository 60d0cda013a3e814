// Runs one program for as long as somebody holds the other end of its own stdin; started by keycloak-process.ts.
// Invariant: the program ends when stdin ends, so also when whoever started this was killed.
import { spawn } from "node:child_process";

const KILL_AFTER = 10_000;

const [program = "", ...programArguments] = process.argv.slice(2);
const child = spawn(program, programArguments, { stdio: ["ignore", "inherit", "inherit"] });
child.once("error", (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
child.once("exit", (code) => process.exit(code ?? 1));

function end(): void {
  child.kill("SIGTERM");
  setTimeout(() => child.kill("SIGKILL"), KILL_AFTER);
}
process.stdin.once("end", end).once("error", end).resume();
