import { PARTITIONS } from '#libs/contracts';
import { start } from '../commands/backlog.js';
import { openBenchHarness } from '../commands/bench-harness.js';
import { APP } from '../commands/candidates.js';
import { allDifferent, commandMessage } from '../commands/workload.js';
import { replicasOf, type ScaledApp } from './scaled-app.js';

/** The command app with commands on accounts that are all different and new. */
export async function openCommand(): Promise<ScaledApp> {
  const harness = await openBenchHarness();
  const { servers, broker } = harness;
  return {
    name: 'command',
    unit: 'commands',
    cores: 0.1,
    count: 8_000,
    start: (replicas) => replicasOf(replicas, () => start(servers, APP)),
    untilShared: (replicas) => broker.untilShared(APP.groupId, replicas, PARTITIONS / replicas),
    give: (run, count) =>
      broker.publish(APP.topic, allDifferent(`scale${run}`, count), (one) => commandMessage(one)),
    async untilDone() {
      await broker.untilCommitted(APP.groupId, APP.topic, await broker.written(APP.topic));
    },
    stop: () => harness.stop(),
  };
}
