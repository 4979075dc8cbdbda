import { Presets, SingleBar } from 'cli-progress';
import type { Position, Report } from '#libs/projection';

/** Between two lines where there is no terminal. */
const LINE_MS = 3_000;

export interface Progress extends Report {
  /** Before anything else is printed. */
  end(): void;
}

/** On standard error: a bar on a terminal, lines for a log. The log's positions say how much of the way is behind. */
export function progress(out: NodeJS.WriteStream, now: () => number): Progress {
  const bar = new SingleBar(
    {
      stream: out,
      format: '{bar} {percentage}%  {events} events, {rate}/s, {left}',
      hideCursor: true,
      clearOnComplete: true,
    },
    Presets.shades_classic,
  );
  let begun: { readonly at: number; readonly from: Position } | undefined;
  let events = 0;
  let told = now();
  const end = () => {
    if (begun !== undefined && out.isTTY) bar.stop();
    begun = undefined;
    events = 0;
  };
  return {
    end,
    stage(text) {
      end();
      out.write(`${text}\n`);
    },
    passed(at, until, count) {
      events += count;
      if (begun === undefined) {
        begun = { at: now(), from: at };
        if (out.isTTY) bar.start(1_000, 0, { events: 0, rate: 0, left: '' });
      }
      const seconds = (now() - begun.at) / 1_000;
      const whole = Number(until.commit - begun.from.commit);
      const done = whole === 0 ? 1 : Number(at.commit - begun.from.commit) / whole;
      const rate = seconds === 0 ? 0 : Math.round(events / seconds);
      const left = done === 0 ? '' : `${Math.ceil((seconds * (1 - done)) / done)} s left`;
      if (out.isTTY) bar.update(Math.round(done * 1_000), { events, rate, left });
      else if (now() - told >= LINE_MS) {
        told = now();
        out.write(`${Math.floor(done * 100)}%  ${events} events, ${rate}/s, ${left}\n`);
      }
    },
  };
}
