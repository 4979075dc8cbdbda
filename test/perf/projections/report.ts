import { spread } from '../support/statistics.js';
import { table } from '../support/table.js';
import type { Growth } from './growth.js';
import type { Replication } from './replicas.js';
import type { Requirement, Throughput } from './throughput.js';

/** All measurements. A part that was not requested is absent. */
export interface Results {
  readonly startedAt: string;
  readonly node: string;
  readonly cores: number;
  readonly throughput?: Throughput;
  readonly growth?: Growth;
  readonly replication?: Replication;
}

export const requirementsOf = ({ throughput, growth }: Results): Requirement[] => [
  ...(throughput?.requirements ?? []),
  ...(growth?.requirements ?? []),
];

/** Formats the results for a reader. */
export function report(results: Results): string {
  const { throughput, growth, replication } = results;
  return [
    ...(throughput === undefined ? [] : [ratesTable(throughput)]),
    ...(growth === undefined ? [] : [growthTable(growth)]),
    ...(replication === undefined ? [] : [replicationTable(replication)]),
    ...(requirementsOf(results).length === 0 ? [] : [requirementsTable(requirementsOf(results))]),
  ].join('\n\n');
}

function ratesTable({ rates, count }: Throughput): string {
  const parts = Object.keys(rates[0]!.cpu);
  return table(
    [`${count} events`, 'a second', 'of raw', 'of unnest', ...parts.map((part) => `${part} µs`)],
    rates.map(({ name, perSecond, ofRaw, ofUnnest, cpu }) => [
      name,
      spread(perSecond, 0),
      spread(ofRaw, 2),
      spread(ofUnnest, 2),
      ...parts.map((part) => cpu[part]!.toFixed(1)),
    ]),
  );
}

const growthTable = ({ sizes }: Growth): string =>
  table(
    ['inbox, events in the log', 'µs an event', 'app CPU µs', 'peak MiB'],
    sizes.map(({ events, micros, cpu, peakMiB }) => [
      String(events),
      spread(micros, 1),
      spread(cpu, 1),
      spread(peakMiB, 0),
    ]),
  );

const replicationTable = ({ delayMs, rates }: Replication): string =>
  table(
    [`inbox replicas, ${delayMs} ms a commit`, 'a second', 'speed-up', 'read / applied'],
    rates.map(({ replicas, perSecond, speedUp, readOverApplied }) => [
      String(replicas),
      spread(perSecond, 0),
      spread(speedUp, 2),
      spread(readOverApplied, 3),
    ]),
  );

const requirementsTable = (requirements: readonly Requirement[]): string =>
  table(
    ['required', 'is', 'must be', ''],
    requirements.map(({ what, is, required, met }) => [
      what,
      spread(is, 2),
      required,
      met ? 'met' : 'MISSED',
    ]),
  );
