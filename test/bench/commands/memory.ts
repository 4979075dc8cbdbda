import type { Requirement } from './throughput.js';
import { APP } from './contestants.js';
import type { Setting } from './setting.js';
import { peakOf } from './backlog.js';
import { commandMessage, recipient, type Sending } from './workload.js';

const AT_MOST = 1.2;

export interface Memory {
  /** Peak resident memory of the app, in MiB, by the commands that waited for it. */
  readonly peaks: readonly { readonly backlog: number; readonly mib: number }[];
  readonly requirements: readonly Requirement[];
}

/** The app before a small backlog and before a large one, a process each, every command from another account. */
export async function measureMemory(
  setting: Setting,
  backlogs: readonly [number, number],
  say: (line: string) => void,
): Promise<Memory> {
  const peaks: { backlog: number; mib: number }[] = [];
  for (const backlog of backlogs) {
    say(`publishing a backlog of ${backlog}`);
    await setting.broker.publish(APP.topic, sendings(`memory${backlog}`, backlog), commandMessage);
    const mib = await peakOf(setting.servers, setting.broker, APP, (left) =>
      say(`${left} left of ${backlog}`),
    );
    say(`peak at a backlog of ${backlog}: ${Math.round(mib)} MiB`);
    peaks.push({ backlog, mib });
  }
  const ratio = peaks[1]!.mib / peaks[0]!.mib;
  return {
    peaks,
    requirements: [
      {
        what: `peak memory, ${backlogs[1]} / ${backlogs[0]} commands waiting`,
        ratio: { median: ratio, min: ratio, max: ratio },
        required: `at most ${AT_MOST}`,
        met: ratio <= AT_MOST,
      },
    ],
  };
}

/** One at a time: a million of them would be the bench's own backlog. */
function* sendings(run: string, count: number): Generator<Sending> {
  for (let n = 0; n < count; n += 1) yield { inviterId: `${run}-${n}`, recipientId: recipient(n) };
}
