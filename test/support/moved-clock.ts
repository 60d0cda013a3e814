// Loaded into the program before its own code (`node --import`): its clocks are ahead of the machine's by what a file
// says, so that a test of the real program need not wait. Timers run as ever.
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";

const file = process.env.POSTERN_TEST_CLOCK ?? "";
const ahead = (): number => Number(readFileSync(file, "utf8"));
const [now, monotonic] = [Date.now, performance.now.bind(performance)];

Date.now = () => now() + ahead();
performance.now = () => monotonic() + ahead();
