import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CommandStream } from '../support/command-stream.js';
import { type ClusterUnderControl, localKafka } from '../support/kafka.js';
import { PublishingService } from '../support/publisher.js';
import { realServers } from '../support/real-servers.js';
import { endStandalone, newFolder, startEmbedded, type Standalone } from '../support/standalone.js';
import { until } from '../support/until.js';

const COMMANDS = 'invitations.commands';
const OFFSETS = '__consumer_offsets';

const hasCluster = realServers().has('kafka');
if (!hasCluster) {
  console.warn(
    'The killed leader is skipped: the development broker is one node. TEST_SERVERS=kafka runs it.',
  );
}

// oxlint-disable-next-line jest/no-disabled-tests -- said above, where there is no cluster
(hasCluster ? describe : describe.skip)('the command app with three brokers', () => {
  const dir = newFolder();
  let kafka: ClusterUnderControl;
  let standalone: Standalone;
  let service: PublishingService;

  beforeAll(async () => {
    kafka = await localKafka(3);
    standalone = await startEmbedded(dir, kafka.env);
    service = await new PublishingService(kafka.brokers).start();
  }, 600_000);

  afterAll(async () => {
    await service?.stop();
    await endStandalone(dir);
    await kafka?.stop();
  });

  /** Returns for each partition of the topic its leader's id, and the number of replicas in sync. */
  async function partitions(topic = COMMANDS): Promise<{ leader: number; inSync: number }[]> {
    const admin = service.kafka.admin();
    await admin.connect();
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      return topics[0]!.partitions
        .toSorted((a, b) => a.partitionId - b.partitionId)
        .map(({ leader, isr }) => ({ leader, inSync: isr.length }));
    } finally {
      await admin.disconnect();
    }
  }

  /** Returns the id of the broker that leads the partition with the group's offsets. */
  async function coordinatorOf(groupId: string): Promise<number> {
    const offsets = await partitions(OFFSETS);
    return offsets[(javaHash(groupId) & 0x7fffffff) % offsets.length]!.leader;
  }

  it('continues while a leader, which also coordinates their group, is killed in a stream of commands (D10)', async () => {
    const leader = await coordinatorOf('command');
    expect((await partitions()).map((partition) => partition.leader)).toContain(leader);
    const stream = new CommandStream(standalone, service);
    await stream.through(async () => {
      await kafka.kill(leader);
      await until(
        async () => (await partitions()).every((partition) => ![leader, -1].includes(partition.leader)),
        120_000,
        'other leaders',
      );
    });
    await stream.expectOneOutcomeEach();
    expect((await partitions()).map(({ inSync }) => inSync)).toEqual(Array(8).fill(2));
  }, 500_000);

  it('has all data on all brokers after the leader has returned in a stream of commands (D10)', async () => {
    const stream = new CommandStream(standalone, service);
    await stream.through(() => kafka.startAgain());
    await stream.expectOneOutcomeEach();
    await until(
      async () => (await partitions()).every(({ inSync }) => inSync === 3),
      120_000,
      'all replicas in sync',
    );
  }, 500_000);
});

/** The hash code of a string in Java. */
function javaHash(text: string): number {
  let hash = 0;
  for (let n = 0; n < text.length; n += 1) hash = (Math.imul(31, hash) + text.charCodeAt(n)) | 0;
  return hash;
}
