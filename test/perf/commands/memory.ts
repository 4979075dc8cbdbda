import type { Requirement } from './throughput.js';
import { APP } from './candidates.js';
import type { BenchHarness } from './bench-harness.js';
import { peakOf } from './backlog.js';
import { allDifferent, commandMessage, ofFewAccounts } from './workload.js';

const AT_MOST = 1.2;

/**
 * The backlogs. Accounts that occur again fill the app's cache up to its limit, and accounts that occur once must not.
 */
const WAITING = { different: allDifferent, many: ofFewAccounts };
type Waiting = keyof typeof WAITING;

export interface Memory {
  /** Peak of the app's resident memory in MiB, by the size of the backlog. */
  readonly peaks: readonly { readonly waiting: Waiting; readonly backlog: number; readonly mib: number }[];
  readonly requirements: readonly Requirement[];
}

/** Measures the app with a small and a large backlog, of accounts that occur once and of accounts that occur again. */
export async function measureMemory(
  harness: BenchHarness,
  backlogs: readonly [number, number],
  say: (line: string) => void,
): Promise<Memory> {
  const peaks: { waiting: Waiting; backlog: number; mib: number }[] = [];
  for (const waiting of Object.keys(WAITING) as Waiting[]) {
    for (const backlog of backlogs) {
      const mib = await peakBefore(harness, waiting, backlog, say);
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

/** Runs in a separate process. */
async function peakBefore(
  { servers, broker }: BenchHarness,
  waiting: Waiting,
  backlog: number,
  say: (line: string) => void,
): Promise<number> {
  say(`publishing a backlog of ${backlog}, ${waiting}`);
  const sendings = WAITING[waiting](`memory-${waiting}-${backlog}`, backlog);
  await broker.publish(APP.topic, sendings, commandMessage);
  return peakOf(servers, broker, APP, (left) => say(`${left} left of ${backlog}`));
}
