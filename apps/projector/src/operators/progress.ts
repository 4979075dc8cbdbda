import { createProgressBar } from '#libs/cli';
import type { ProgressReporter } from '#libs/projection';
import type { LogPosition } from '#libs/event-store';

/** Time between two progress lines if the output is not a terminal. */
const LINE_MS = 3_000;

export interface Progress extends ProgressReporter {
  /** Removes the bar; must be called before anything else is printed. */
  end(): void;
}

/** Shows progress by positions in the log: as a bar on a terminal, otherwise as lines. */
export function createProgress(out: NodeJS.WriteStream, now: () => number): Progress {
  const bar = createProgressBar('{bar} {percentage}%  {events} events, {rate}/s, {left}', out);
  let started: { readonly at: number; readonly from: LogPosition } | undefined;
  let events = 0;
  let printedAt = now();
  const end = () => {
    if (started !== undefined) bar.stop();
    started = undefined;
    events = 0;
  };
  return {
    end,
    onStage(text) {
      end();
      out.write(`${text}\n`);
    },
    onProgress(at, until, count) {
      events += count;
      started ??= { at: now(), from: at };
      const seconds = (now() - started.at) / 1_000;
      const total = Number(until.commit - started.from.commit);
      const done = total === 0 ? 1 : Number(at.commit - started.from.commit) / total;
      const rate = seconds === 0 ? 0 : Math.round(events / seconds);
      const left = done === 0 ? '' : `${Math.ceil((seconds * (1 - done)) / done)} s left`;
      bar.update(done, { events, rate, left });
      if (!out.isTTY && now() - printedAt >= LINE_MS) {
        printedAt = now();
        out.write(`${Math.floor(done * 100)}%  ${events} events, ${rate}/s, ${left}\n`);
      }
    },
  };
}
