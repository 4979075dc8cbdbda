import { Presets, SingleBar } from 'cli-progress';

const TOTAL = 1_000;

export interface ProgressBar {
  /** @param share between 0 and 1; @param values replace the placeholders of the format */
  update(share: number, values: Readonly<Record<string, string | number>>): void;
  /** Clears the bar. Call it before anything else is printed; the next update shows a new bar. */
  stop(): void;
}

/**
 * A progress bar, which appears at its first update. It shows nothing if `out` is not a terminal.
 * @param format text with `{bar}`, `{percentage}`, `{eta_formatted}` and the names of the caller's values
 */
export function createProgressBar(format: string, out: NodeJS.WriteStream = process.stderr): ProgressBar {
  if (!out.isTTY) return { update: () => undefined, stop: () => undefined };
  const bar = new SingleBar(
    { stream: out, format, hideCursor: true, clearOnComplete: true },
    Presets.shades_classic,
  );
  return {
    update(share, values) {
      if (!bar.isActive) bar.start(TOTAL, 0, values);
      bar.update(Math.round(share * TOTAL), values);
    },
    stop: () => bar.stop(),
  };
}

/** Replaces the status line on a terminal; an empty text clears it. */
export function showStatus(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
