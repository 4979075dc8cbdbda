import { startChild } from '../support/child.js';
import { quantile } from '../support/statistics.js';
import { start } from './backlog.js';
import { APP } from './candidates.js';
import { measureHops } from './hops.js';
import { REPLIES, type BenchHarness } from './bench-harness.js';
import type { Requirement } from './throughput.js';
import { allDifferent, commandMessage } from './workload.js';

/** In milliseconds. */
export interface Percentiles {
  readonly what: string;
  readonly p50: number;
  readonly p99: number;
}

export interface Latency {
  /** Commands published per second: half of the app's maximum. */
  readonly rate: number;
  readonly measured: Percentiles;
  readonly hops: readonly Percentiles[];
  /**
   * The sum of the hops. The difference to the latency is waiting time: for the previous batch, and for other commands
   * in the same batch.
   */
  readonly sum: Percentiles;
  readonly requirements: readonly Requirement[];
}

/** The most that a command may take, as a multiple of the hops alone. */
const MOST_OF_SUM = 4;

/**
 * Measures from publishing a command to receiving its outcome, at half of the maximum rate, and compares it with the
 * sum of the hops.
 * @param capacity commands per second with a reply to each, as measured
 */
export async function measureLatency(
  harness: BenchHarness,
  capacity: number,
  { warmUp, count, hops }: { readonly warmUp: number; readonly count: number; readonly hops: number },
  say: (line: string) => void,
): Promise<Latency> {
  const { servers, broker } = harness;
  const each = Object.entries(await measureHops(harness, hops)).map(([what, times]) =>
    percentiles(what, times),
  );
  say('the hops are measured');
  await broker.publish(APP.topic, allDifferent('latency-warm-up', warmUp), (sending) =>
    commandMessage(sending, REPLIES),
  );
  const app = start(servers, APP);
  await broker.untilCommitted(APP.groupId, APP.topic, await broker.written(APP.topic));
  const rate = Math.round(capacity / 2);
  const load = startChild('test/perf/commands/load.main.js', {
    KAFKA_BROKERS: servers.kafka,
    RUN: 'latency',
    COUNT: String(count),
    RATE: String(rate),
    REPLIES,
  });
  const measured = percentiles('from publishing to the outcome', (await load.message()) as number[]);
  await load.ended();
  await app.stop();
  say(`at ${rate} commands/s: p50 ${measured.p50.toFixed(1)} ms, p99 ${measured.p99.toFixed(1)} ms`);
  const sum = sumOf(each);
  const requirements = (['p50', 'p99'] as const).map((percentile): Requirement => {
    const ratio = measured[percentile] / sum[percentile];
    return {
      what: `${percentile} from publishing / sum of the hops`,
      ratio: { median: ratio, min: ratio, max: ratio },
      required: `at most ${MOST_OF_SUM}`,
      met: ratio <= MOST_OF_SUM,
    };
  });
  return { rate, measured, hops: each, sum, requirements };
}

function percentiles(what: string, times: readonly number[]): Percentiles {
  const sorted = times.toSorted((a, b) => a - b);
  return { what, p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
}

const sumOf = (hops: readonly Percentiles[]): Percentiles => ({
  what: 'sum of the hops',
  p50: hops.reduce((sum, { p50 }) => sum + p50, 0),
  p99: hops.reduce((sum, { p99 }) => sum + p99, 0),
});
