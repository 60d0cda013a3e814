// `node test/bench/main.ts [--json] [--program PATH]`: Postern beside a bare Node pipe, TLS relays and Dovecot, in one run.
// Figures go to stdout, progress to stderr. Nothing is judged: exit code 0 unless something failed to run.
// Invariant: it ends by itself within four minutes, and leaves neither a process nor a folder behind.
import { existsSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import type { Contender, Running } from "./contender.ts";
import { createBarePipe } from "./contender-bare-pipe.ts";
import { createDovecotProxy, DOVECOT_PROGRAM } from "./contender-dovecot.ts";
import { BUILT_PROGRAM, createPosternContender } from "./contender-postern.ts";
import { createHaproxy, createStunnel, HAPROXY_PROGRAM, STUNNEL_PROGRAM } from "./contender-relays.ts";
import { type Absence, provide } from "./debian-packages.ts";
import { FIGURES, type Measurements, spread } from "./figures.ts";
import { measure } from "./measure.ts";
import { createRig, type Rig } from "./rig.ts";
import { formatTable } from "./table.ts";

const DEADLINE = 230_000;
const start = performance.now();
const cleanUp: (() => Promise<unknown>)[] = [];
const { values: words } = parseArgs({
  options: { json: { type: "boolean", default: false }, program: { type: "string", default: BUILT_PROGRAM } },
});

const deadline = setTimeout(() => void abandon(`not done within ${DEADLINE / 1000} s`), DEADLINE);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.once(signal, () => void abandon(signal));
try {
  await main();
} catch (thrown) {
  process.stderr.write(`${thrown instanceof Error ? thrown.stack : String(thrown)}\n`);
  process.exitCode = 1;
} finally {
  clearTimeout(deadline);
  await cleanAll();
}

async function main(): Promise<void> {
  if (process.platform !== "linux") throw new Error("the benchmark reads /proc: it needs Linux");
  if (!existsSync(words.program)) throw new Error(`${words.program} is missing: npm run build`);
  const leftOut: string[] = [];
  const rig = await createRig();
  cleanUp.push(() => rig.close());
  const postern = await createPosternContender(rig, words.program);
  cleanUp.push(() => postern.close());
  const contenders = [await createBarePipe(rig), postern.contender, ...(await createForeign(rig, leftOut))];

  const all = await measure({
    load: rig.load,
    contenders,
    tell,
    onStart: (running: Running) => cleanUp.push(() => running.stop()),
  });
  process.stdout.write(words.json ? formatJson(all, leftOut) : formatReport(all, leftOut));
}

/** Those of the foreign contenders that this machine can run. */
async function createForeign(rig: Rig, leftOut: string[]): Promise<Contender[]> {
  const foreign: readonly [string, string, (rig: Rig) => Contender | Promise<Contender>][] = [
    ["stunnel4", STUNNEL_PROGRAM, createStunnel],
    ["haproxy", HAPROXY_PROGRAM, createHaproxy],
    ["dovecot-imapd", DOVECOT_PROGRAM, createDovecotProxy],
  ];
  const contenders: Contender[] = [];
  for (const [packageName, program, create] of foreign) {
    const absence: Absence = provide(packageName, program);
    if (absence === undefined) contenders.push(await create(rig));
    else leftOut.push(`${packageName}: ${absence}`);
  }
  return contenders;
}

function machine(): { cores: number; processor: string; node: string; openssl: string; load: number } {
  const [first] = cpus();
  return {
    cores: cpus().length,
    processor: first?.model ?? "unknown",
    node: process.versions.node,
    openssl: process.versions.openssl,
    load: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}

function formatReport(all: readonly Measurements[], leftOut: readonly string[]): string {
  const { cores, processor, node, openssl, load } = machine();
  const percent = (values: readonly number[]): string => `${Math.round(spread(values) * 100)} %`;
  const noise = all
    .map((one) => `${one.name} ${percent(one.loginMedians)} and ${percent(one.cpuPerGbDown)}`)
    .join(", ");
  return `${[
    `${cores} cores (${processor}), Node ${node} with OpenSSL ${openssl}, load ${load} at the end, ${seconds()} s.`,
    "In parentheses: the ratio to the bare pipe. Medians over the rounds; GB is 10^9 octets; CPU is user and system",
    "time of all processes of a contender; relays leave the IMAP login to the mail program and may resume TLS sessions.",
    "",
    formatTable(all),
    "",
    `Rounds lay apart (login median and CPU per GB down): ${noise}.`,
    ...leftOut.map((reason) => `Left out: ${reason}`),
  ].join("\n")}\n`;
}

function formatJson(all: readonly Measurements[], leftOut: readonly string[]): string {
  const contenders = all.map((one) => ({
    name: one.name,
    figures: Object.fromEntries(FIGURES.map((figure) => [figure.label, figure.of(one)])),
    rounds: { ...one, logins: undefined, name: undefined },
  }));
  return `${JSON.stringify({ machine: machine(), seconds: seconds(), contenders, leftOut }, undefined, 2)}\n`;
}

function tell(progress: string): void {
  process.stderr.write(`${String(seconds()).padStart(4)} s  ${progress}\n`);
}

function seconds(): number {
  return Math.round((performance.now() - start) / 1000);
}

async function abandon(reason: string): Promise<void> {
  process.stderr.write(`Abandoned: ${reason}\n`);
  await cleanAll();
  process.exit(1);
}

async function cleanAll(): Promise<void> {
  for (const clean of cleanUp.splice(0).reverse()) {
    await clean().catch((thrown: unknown) => process.stderr.write(`cleaning up: ${thrown}\n`));
  }
}
