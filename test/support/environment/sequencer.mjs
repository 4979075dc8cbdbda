// Jest's `testSequencer`. On Node as it is: hence no TypeScript here.
import TestSequencer from '@jest/test-sequencer';

/** Specs that take long. Most of them hardly compute: they wait for timeouts, sessions and restarts. */
const LONGEST = [
  // Of the long specs.
  'test/e2e/runbooks/commands',
  'test/e2e/browser/accessible',
  'test/e2e/hostile/event-store',
  'test/e2e/sigterm/sigterm',
  'test/e2e/readme',
  'test/e2e/browser/story',
  'test/e2e/stuck-servers',
  'test/integration/notification/flood',
  // Of the others.
  'test/integration/command/reply-topics',
  'test/integration/command/outages',
  'test/e2e/commands',
  'test/e2e/answers',
  'test/integration/http/kafka-outage',
  'test/integration/api/hardening',
  'test/integration/batch-consumer',
  'test/integration/producer',
  'test/integration/projections/leases',
  'test/integration/projections/one-sided-connections',
  'test/contract/kafka/offsets',
  'test/contract/kafka/groups',
  'test/integration/dev-servers/postgres-process',
  'test/deploy/promtool/alerts',
  'test/integration/analysts/notebook',
  'test/e2e/deferred-mails',
  'test/e2e/two-installations',
  'test/integration/command/process',
  'test/integration/command/partition-count',
];

/**
 * Begins with the longest specs, so that none of them is the last to run, and with others in between, so that processors do
 * not idle. Without a record of earlier runs Jest would go by the size of files.
 */
export default class extends TestSequencer {
  sort(tests) {
    // oxlint-disable-next-line unicorn/no-array-sort -- a method of Jest's, which returns a new array
    const sorted = super.sort(tests);
    const longest = LONGEST.flatMap((name) => sorted.filter(({ path }) => path.includes(`/${name}.`)));
    const others = sorted.filter((test) => !longest.includes(test));
    return [...longest.flatMap((test) => [test, ...others.splice(0, 2)]), ...others];
  }
}
