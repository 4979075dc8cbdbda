import type { Requirement } from './throughput.js';
import { APP } from './contestants.js';
import type { Setting } from './setting.js';
import { peakOf } from './backlog.js';
import { allDifferent, commandMessage, ofFewAccounts } from './workload.js';

const AT_MOST = 1.2;

/** What waits. Accounts that come again fill the app's cache up to its bound; those that come once must not. */
const WAITING = { different: allDifferent, many: ofFewAccounts };
type Waiting = keyof typeof WAITING;

export interface Memory {
  /** Peak resident memory of the app, in MiB, by the commands that waited for it. */
  readonly peaks: readonly { readonly waiting: Waiting; readonly backlog: number; readonly mib: number }[];
  readonly requirements: readonly Requirement[];
}

/** The app before a small backlog and before a large one, of accounts that come once and of such that come again. */
export async function measureMemory(
  setting: Setting,
  backlogs: readonly [number, number],
  say: (line: string) => void,
): Promise<Memory> {
  const peaks: { waiting: Waiting; backlog: number; mib: number }[] = [];
  for (const waiting of Object.keys(WAITING) as Waiting[]) {
    for (const backlog of backlogs) {
      const mib = await peakBefore(setting, waiting, backlog, say);
      say(`peak at a backlog of ${backlog}, ${waiting}: ${Math.round(mib)} MiB`);
      peaks.push({ waiting, backlog, mib });
    }
  }
  const ratio = peaks[1]!.mib / peaks[0]!.mib;
  return {
    peaks,
    requirements: [
      {
        what: `peak memory, ${backlogs[1]} / ${backlogs[0]} different`,
        ratio: { median: ratio, min: ratio, max: ratio },
        required: `at most ${AT_MOST}`,
        met: ratio <= AT_MOST,
      },
    ],
  };
}

/** In a process of its own. */
async function peakBefore(
  { servers, broker }: Setting,
  waiting: Waiting,
  backlog: number,
  say: (line: string) => void,
): Promise<number> {
  say(`publishing a backlog of ${backlog}, ${waiting}`);
  const sendings = WAITING[waiting](`memory-${waiting}-${backlog}`, backlog);
  await broker.publish(APP.topic, sendings, commandMessage);
  return peakOf(servers, broker, APP, (left) => say(`${left} left of ${backlog}`));
}
