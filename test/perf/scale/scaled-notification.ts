import { PARTITIONS, TOPICS } from '#libs/contracts';
import { openBenchHarness } from '../mail/bench-harness.js';
import { publishMails, startNotification, untilSettled } from '../mail/candidates.js';
import { mailOf } from '../mail/mails.js';
import { replicasOf, type ScaledApp } from './scaled-app.js';

const GROUP = 'notification';
const CONNECTIONS = 20;

/** The notification app with the four kinds of e-mails. */
export async function openNotification(): Promise<ScaledApp> {
  const harness = await openBenchHarness();
  const { port } = await harness.had();
  const topics = [TOPICS.profiles, TOPICS.sent, TOPICS.reminderDue, TOPICS.accepted, TOPICS.replied];
  let given = 0;
  return {
    name: 'notification',
    unit: 'mails',
    cores: 0.1,
    count: 1_000,
    start: (replicas) => replicasOf(replicas, () => startNotification(harness, port, CONNECTIONS)),
    untilShared: (replicas) =>
      harness.broker.untilShared(GROUP, replicas, (topics.length * PARTITIONS) / replicas),
    async give(_run, count) {
      const first = given;
      given += count;
      await publishMails(
        harness,
        Array.from({ length: count }, (_, n) => mailOf(first + n)),
      );
    },
    async untilDone() {
      await harness.untilHad(given);
      await untilSettled(harness);
    },
    stop: () => harness.stop(),
  };
}
