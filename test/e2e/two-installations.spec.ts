import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Topics } from '#libs/contracts';
import { kafkaUnderControl, type KafkaUnderControl } from '../support/kafka.js';
import { MemberAtApi } from '../support/member.js';
import { PublishingService } from '../support/publisher.js';
import { runTool } from '../support/run-tool.js';
import { endStandalone, newFolder, startStandalone, type Standalone } from '../support/standalone.js';
import { until } from '../support/until.js';

const PREFIXES = ['one.', 'two.'] as const;

/** One of the installations, with what arrives on its topics. */
class Installation {
  readonly heard: string[] = [];

  private constructor(
    readonly topics: Topics,
    readonly standalone: Standalone,
    readonly service: PublishingService,
  ) {}

  static async start(prefix: string, folder: string, brokers: string): Promise<Installation> {
    const topics = new Topics(prefix);
    const standalone = await startStandalone(folder, {
      KAFKA_BROKERS: brokers,
      TOPIC_PREFIX: prefix,
      GROUP_PREFIX: prefix,
    });
    const service = await new PublishingService(brokers, topics).start();
    const installation = new Installation(topics, standalone, service);
    await service.listen([topics.commands, topics.deadLetters, topics.sent], ({ headers }, topic) =>
      installation.heard.push(`${topic} ${String(headers?.['ce_id'])}`),
    );
    return installation;
  }

  async invite(inviterId: string, recipientId: string, commandId: string): Promise<void> {
    await this.service.members(inviterId, recipientId);
    await this.service.untilKnown(recipientId);
    const { outcome, code } = await this.service.ask('send', { inviterId, recipientId }, commandId);
    if (outcome !== 'accepted') throw new Error(`the invitation was refused: ${code}`);
    await until(async () => (await this.inbox(recipientId)).length === 2, 60_000, `inbox of ${recipientId}`);
    await until(
      () => this.heard.filter((line) => line.startsWith(this.topics.sent)).length >= 2,
      60_000,
      'the public events',
    );
  }

  async inbox(member: string) {
    return (await MemberAtApi.of(this.standalone, member)).list('inbox');
  }
}

describe('two installations on one broker, each with its prefixes', () => {
  const folders = PREFIXES.map(() => newFolder());
  let kafka: KafkaUnderControl;
  let one: Installation;
  let two: Installation;

  beforeAll(async () => {
    kafka = await kafkaUnderControl();
    [one, two] = (await Promise.all(
      PREFIXES.map((prefix, index) => Installation.start(prefix, folders[index]!, kafka.brokers)),
    )) as [Installation, Installation];
  });

  afterAll(async () => {
    await Promise.all([one, two].map((installation) => installation?.service.stop()));
    await Promise.all(folders.map(endStandalone));
    await kafka.stop();
  });

  it('decide about their own commands only, even about one with the same id', async () => {
    const commandId = randomUUID();
    await one.invite('anna', 'bert', commandId);
    await two.invite('carla', 'dora', commandId);
    expect(await two.inbox('bert')).toEqual([]);
    expect(await one.inbox('dora')).toEqual([]);
    // Both installations have decided after the commands of the other, so nothing is still on its way.
    for (const { service, heard, topics } of [one, two]) {
      const outcomes = service.answers.filter(({ key }) => key === commandId);
      expect(outcomes).toHaveLength(1);
      expect(heard.filter((line) => line === `${topics.commands} ${commandId}`)).toHaveLength(1);
      // The invitation and the one of untilKnown.
      expect(heard.filter((line) => line.startsWith(topics.sent))).toHaveLength(2);
      expect(heard.filter((line) => line.startsWith(topics.deadLetters))).toEqual([]);
    }
  });

  it('have no topic and no consumer group in common, and none without a prefix', async () => {
    const admin = one.service.kafka.admin();
    await admin.connect();
    const [topics, { groups }] = await Promise.all([admin.listTopics(), admin.listGroups()]);
    await admin.disconnect();
    const isForeign = (name: string) => !PREFIXES.some((prefix) => name.startsWith(prefix));
    expect(topics.filter((name) => isForeign(name) && !name.startsWith('__'))).toEqual([]);
    // The groups test-… are those of this spec.
    const ours = groups.map(({ groupId }) => groupId).filter((name) => !name.startsWith('test-'));
    expect(ours.filter(isForeign)).toEqual([]);
    for (const prefix of PREFIXES) {
      expect(topics.filter((name) => name.startsWith(prefix)).length).toBeGreaterThanOrEqual(8);
      expect(ours).toEqual(
        expect.arrayContaining(
          ['command', 'notification', 'projector-members', 'api-standalone'].map((name) => prefix + name),
        ),
      );
    }
  });

  it('show their tools their own dead letters and profiles only', async () => {
    await one.service.publish(one.topics.commands, [{ key: 'anna', value: 'no command' }]);
    await until(() => one.heard.some((line) => line.startsWith(one.topics.deadLetters)), 60_000, 'a letter');
    const run = ({ standalone: { endpoints } }: Installation, prefix: string, tool: string, args: string[]) =>
      runTool(tool, args, {
        env: {
          KAFKA_BROKERS: kafka.brokers,
          DATABASE_URL: endpoints.postgres,
          TOPIC_PREFIX: prefix,
          GROUP_PREFIX: prefix,
        },
      });
    const deadLetters = 'command/src/dead-letters.main.js';
    expect((await run(one, 'one.', deadLetters, ['list'])).out).toContain('one.invitations.commands/');
    expect((await run(two, 'two.', deadLetters, ['list'])).out).toContain('no dead letters');
    const redriven = await run(one, 'one.', deadLetters, ['redrive', '--all']);
    expect(redriven.out).toContain('1 re-driven');
    for (const main of ['projector/src/projections.main.js', 'notification/src/ledger.main.js']) {
      const swept = await run(two, 'two.', main, ['sweep-members', '--dry-run']);
      expect(swept).toMatchObject({ code: 0 });
    }
  });
});
