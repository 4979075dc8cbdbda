import { writeFileSync } from 'node:fs';

/* Loaded before a contestant: leaves behind what its process has used, for a process that has ended tells nothing more. */
const { BENCH_USAGE } = process.env;
process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const usage = { cpuMicros: userCPUTime + systemCPUTime, peakMiB: maxRSS / 1024 };
  writeFileSync(BENCH_USAGE!, JSON.stringify(usage));
});
