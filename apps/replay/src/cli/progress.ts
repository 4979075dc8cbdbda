import { Presets, SingleBar } from 'cli-progress';
import type { Position } from '#libs/projection/reading';

export interface Progress {
  /** So many events of accounts were read, and one is at a place on the way to another. */
  passed(events: number, at: Position, from: Position | undefined, to: Position): void;
  /** Before anything else is printed. */
  end(): void;
}

const STEPS = 1_000;

/** A bar, where there is a terminal to see it. Positions in the log say how much of the way is behind. */
export function progress(out: NodeJS.WriteStream, doing: string): Progress {
  if (!out.isTTY) return { passed: () => undefined, end: () => undefined };
  const bar = new SingleBar(
    {
      stream: out,
      format: `${doing} {bar} {percentage}%  {events} events, {eta_formatted} left`,
      hideCursor: true,
      clearOnComplete: true,
    },
    Presets.shades_classic,
  );
  let events = 0;
  return {
    passed(count, at, from, to) {
      if (events === 0) bar.start(STEPS, 0, { events });
      events += count;
      const begun = from?.commit ?? 0n;
      bar.update(Number((BigInt(STEPS) * (at.commit - begun)) / (to.commit - begun || 1n)), { events });
    },
    end: () => bar.stop(),
  };
}
