import { spread } from '../support/statistics.js';
import { table } from '../support/table.js';
import type { Latency, Percentiles } from './latency.js';
import type { Memory } from './memory.js';
import type { Requirement, Throughput } from './throughput.js';

/** All measurements. A part that was not requested is absent. */
export interface Results {
  readonly startedAt: string;
  readonly node: string;
  readonly cores: number;
  readonly throughput?: Throughput;
  readonly memory?: Memory;
  readonly latency?: Latency;
}

export const requirementsOf = ({ throughput, memory, latency }: Results): Requirement[] => [
  ...(throughput?.requirements ?? []),
  ...(memory?.requirements ?? []),
  ...(latency?.requirements ?? []),
];

/** Formats the results for a reader. */
export function report(results: Results): string {
  const { throughput, memory, latency } = results;
  return [
    ...(throughput === undefined ? [] : [ratesTable(throughput)]),
    ...(memory === undefined ? [] : [memoryTable(memory)]),
    ...(latency === undefined ? [] : [latencyTable(latency)]),
    ...(requirementsOf(results).length === 0 ? [] : [requirementsTable(requirementsOf(results))]),
  ].join('\n\n');
}

function ratesTable({ rates }: Throughput): string {
  const parts = Object.keys(rates[0]!.cpu);
  return table(
    ['commands', 'a second', 'of raw', ...parts.map((part) => `${part} µs`)],
    rates.map(({ name, perSecond, cpu, ofRaw }) => [
      name,
      spread(perSecond, 0),
      spread(ofRaw, 2),
      ...parts.map((part) => cpu[part]!.toFixed(0)),
    ]),
  );
}

const memoryTable = ({ peaks }: Memory): string =>
  table(
    ['commands waiting', 'peak MiB'],
    peaks.map(({ waiting, backlog, mib }) => [`${backlog} ${waiting}`, mib.toFixed(0)]),
  );

const latencyTable = ({ rate, measured, hops, sum }: Latency): string =>
  table(
    [`latency at ${rate} commands/s`, 'p50 ms', 'p99 ms'],
    [...hops, sum, measured].map(({ what, p50, p99 }: Percentiles) => [what, p50.toFixed(2), p99.toFixed(2)]),
  );

const requirementsTable = (requirements: readonly Requirement[]): string =>
  table(
    ['required', 'is', 'must be', ''],
    requirements.map(({ what, ratio, required, met }) => [
      what,
      spread(ratio, 2),
      required,
      met ? 'met' : 'MISSED',
    ]),
  );
