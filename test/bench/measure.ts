// Measures contenders side by side: every round asks each of them in turn, so that a slow minute of the machine hits all.
import { setTimeout as delay } from "node:timers/promises";
import type { Load } from "./children.ts";
import { type Contender, type Running, startContender } from "./contender.ts";
import { emptyMeasurements, type Measurements, quantile } from "./figures.ts";
import { cpuSeconds, memoryKilobytes } from "./process-cost.ts";

/** How much is done; the counts make the whole take less than four minutes on two cores. */
const STARTS = 5;
const WARM_UP = 100;
const LOGIN_ROUNDS = 5;
const LOGINS = 200;
const TRANSFER_ROUNDS = 3;
const DOWN = 512 * 1024 * 1024;
const UP = 256 * 1024 * 1024;
const IDLE = 10_000;
const MEMORY_ROUNDS = 2;
const CONNECTIONS = 1000;
const GB = 1e9;

/** After a burst of work: what was put off (closing, collecting) belongs to the burst. */
const SETTLE = 200;
const MEMORY_SETTLE = 1500;

export interface MeasureOptions {
  readonly load: Load;
  readonly contenders: readonly Contender[];
  tell(progress: string): void;
  /** Is told of every contender that runs, so that it can be stopped whatever happens. */
  onStart(running: Running): void;
}

export async function measure(options: MeasureOptions): Promise<readonly Measurements[]> {
  const { contenders, tell } = options;
  const all = new Map(contenders.map((contender) => [contender, emptyMeasurements(contender.name)]));
  const of = (contender: Contender): Measurements => all.get(contender) ?? emptyMeasurements(contender.name);
  const start = async (contender: Contender): Promise<Running> => {
    const running = await startContender(contender);
    options.onStart(running);
    return running;
  };

  tell(`start to ready, ${STARTS} times each`);
  for (let round = 1; round <= STARTS; round++) {
    for (const contender of contenders) {
      const running = await start(contender);
      of(contender).readyAfter.push(running.readyAfter);
      await running.stop();
    }
  }

  const running: Running[] = [];
  for (const contender of contenders) running.push(await start(contender));
  for (const one of running) await logIn(options.load, one, WARM_UP);

  for (let round = 1; round <= LOGIN_ROUNDS; round++) {
    tell(`${LOGINS} logins each, round ${round} of ${LOGIN_ROUNDS}`);
    for (const one of running) await measureLogins(options.load, one, of(one.contender));
  }
  for (let round = 1; round <= TRANSFER_ROUNDS; round++) {
    tell(`${DOWN >> 20} MiB down and ${UP >> 20} MiB up each, round ${round} of ${TRANSFER_ROUNDS}`);
    for (const one of running) await measureTransfers(options.load, one, of(one.contender));
  }

  tell(`${IDLE / 1000} s of nothing`);
  await delay(1000);
  const before = running.map(({ group }) => cpuSeconds(group));
  await delay(IDLE);
  for (const [index, { group, contender }] of running.entries()) {
    of(contender).idleCpu.push((cpuSeconds(group) - (before[index] ?? 0)) * 1000);
  }
  await Promise.all(running.map((one) => one.stop()));

  for (let round = 1; round <= MEMORY_ROUNDS; round++) {
    tell(`${CONNECTIONS} idle connections each, round ${round} of ${MEMORY_ROUNDS}`);
    for (const contender of contenders) {
      const fresh = await start(contender);
      await measureMemory(options.load, fresh, of(contender));
      await fresh.stop();
    }
  }
  return [...all.values()];
}

function logIn(load: Load, { port, contender }: Running, count: number): Promise<readonly number[]> {
  return load.ask({ kind: "logins", port, form: contender.form, count });
}

async function measureLogins(load: Load, running: Running, into: Measurements): Promise<void> {
  const before = cpuSeconds(running.group);
  const milliseconds = await logIn(load, running, LOGINS);
  await delay(SETTLE);
  into.cpuPerLogin.push(((cpuSeconds(running.group) - before) * 1000) / LOGINS);
  into.loginMedians.push(quantile(milliseconds, 0.5));
  into.logins.push(...milliseconds);
}

async function measureTransfers(load: Load, running: Running, into: Measurements): Promise<void> {
  const { port, group, contender } = running;
  const transfer = async (kind: "download" | "upload", octets: number, cpu: number[], rate: number[]) => {
    const before = cpuSeconds(group);
    const [seconds = Number.NaN] = await load.ask({ kind, port, form: contender.form, octets });
    await delay(SETTLE);
    cpu.push(((cpuSeconds(group) - before) / octets) * GB);
    rate.push(octets / 1e6 / seconds);
  };
  await transfer("download", DOWN, into.cpuPerGbDown, into.megabytesPerSecondDown);
  await transfer("upload", UP, into.cpuPerGbUp, into.megabytesPerSecondUp);
}

/** The growth from a freshly started process that has seen a few logins to one that holds many. */
async function measureMemory(load: Load, running: Running, into: Measurements): Promise<void> {
  const { port, group, contender } = running;
  await logIn(load, running, 20);
  await delay(MEMORY_SETTLE);
  const before = memoryKilobytes(group);
  await load.ask({ kind: "hold", port, form: contender.form, count: CONNECTIONS });
  await delay(MEMORY_SETTLE);
  into.megabytesAtRest.push(before / 1024);
  into.kilobytesPerConnection.push((memoryKilobytes(group) - before) / CONNECTIONS);
  await load.ask({ kind: "release" });
}
