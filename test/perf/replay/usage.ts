import { writeFileSync } from 'node:fs';

/*
 * Loaded before a candidate: writes the resource usage of its process at exit, because nobody can read it afterwards.
 */
const { BENCH_USAGE } = process.env;
process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const usage = { cpuMicros: userCPUTime + systemCPUTime, peakMiB: maxRSS / 1024 };
  writeFileSync(BENCH_USAGE!, JSON.stringify(usage));
});
