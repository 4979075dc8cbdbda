import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { InvalidArgumentError } from 'commander';

/** Parses an option of a bench. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number from 1 on');
  return value;
}

/** Stops the servers of a bench on Ctrl-C. */
export function stopOnSignal(harness: { stop(): Promise<void> }): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void harness.stop().finally(() => process.exit(130)));
  }
}

/** @returns a function that prints a line with the seconds since now, for whoever waits */
export function startProgress(): (line: string) => void {
  const since = performance.now();
  return (line) => {
    const seconds = Math.round((performance.now() - since) / 1_000);
    process.stderr.write(`${String(seconds).padStart(5)} s  ${line}\n`);
  };
}

/** Writes the results as JSON, and prints the report. The exit code is 1 if a requirement is missed, unless the run is quick. */
export function finishBench(
  { out, quick }: { readonly out: string; readonly quick: boolean },
  results: object,
  report: string,
  isMet: boolean,
): void {
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, `${JSON.stringify(results, null, 2)}\n`);
  process.stdout.write(`\n${report}\n\nWritten to ${out}\n`);
  if (!quick && !isMet) process.exitCode = 1;
}
