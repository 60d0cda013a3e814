// What one contender's measurements come to. Pure.

/** One contender's measurements, each as often as there were rounds. */
export interface Measurements {
  readonly name: string;
  /** Milliseconds of each login, over all rounds. */
  readonly logins: number[];
  /** Per round: milliseconds of CPU per login. */
  readonly cpuPerLogin: number[];
  /** Per round: the median of its logins, which tells how noisy the machine was. */
  readonly loginMedians: number[];
  readonly cpuPerGbDown: number[];
  readonly cpuPerGbUp: number[];
  readonly megabytesPerSecondDown: number[];
  readonly megabytesPerSecondUp: number[];
  readonly kilobytesPerConnection: number[];
  readonly megabytesAtRest: number[];
  readonly readyAfter: number[];
  /** Milliseconds of CPU while nothing happened. */
  readonly idleCpu: number[];
}

export function emptyMeasurements(name: string): Measurements {
  return {
    name,
    logins: [],
    cpuPerLogin: [],
    loginMedians: [],
    cpuPerGbDown: [],
    cpuPerGbUp: [],
    megabytesPerSecondDown: [],
    megabytesPerSecondUp: [],
    kilobytesPerConnection: [],
    megabytesAtRest: [],
    readyAfter: [],
    idleCpu: [],
  };
}

/** One line of the table. */
export interface Figure {
  readonly label: string;
  readonly digits: number;
  of(measurements: Measurements): number;
}

export const FIGURES: readonly Figure[] = [
  { label: "login, median (ms)", digits: 2, of: ({ logins }) => quantile(logins, 0.5) },
  { label: "login, p95 (ms)", digits: 2, of: ({ logins }) => quantile(logins, 0.95) },
  { label: "CPU per login (ms)", digits: 2, of: ({ cpuPerLogin }) => quantile(cpuPerLogin, 0.5) },
  { label: "CPU per GB down (s)", digits: 2, of: ({ cpuPerGbDown }) => quantile(cpuPerGbDown, 0.5) },
  { label: "CPU per GB up (s)", digits: 2, of: ({ cpuPerGbUp }) => quantile(cpuPerGbUp, 0.5) },
  {
    label: "throughput down (MB/s)",
    digits: 0,
    of: ({ megabytesPerSecondDown }) => quantile(megabytesPerSecondDown, 0.5),
  },
  {
    label: "throughput up (MB/s)",
    digits: 0,
    of: ({ megabytesPerSecondUp }) => quantile(megabytesPerSecondUp, 0.5),
  },
  {
    label: "memory per idle connection (kB)",
    digits: 1,
    of: ({ kilobytesPerConnection }) => quantile(kilobytesPerConnection, 0.5),
  },
  {
    label: "memory without connections (MB)",
    digits: 1,
    of: ({ megabytesAtRest }) => quantile(megabytesAtRest, 0.5),
  },
  { label: "start to ready (ms)", digits: 0, of: ({ readyAfter }) => quantile(readyAfter, 0.5) },
  { label: "idle CPU in 10 s (ms)", digits: 0, of: ({ idleCpu }) => quantile(idleCpu, 0.5) },
];

/** The value below which this share of the values lies; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** How far the rounds lie apart, as a share of their median. */
export function spread(values: readonly number[]): number {
  return (Math.max(...values) - Math.min(...values)) / quantile(values, 0.5);
}
