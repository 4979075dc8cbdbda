import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../../support/until.js';
import { expectDoneOnce, OutageHarness, PATIENCE_MS, sendings } from './support/outage-harness.js';

let harness: OutageHarness;

beforeAll(async () => {
  harness = await OutageHarness.open();
});
afterAll(() => harness.close());

describe('the command app with a faulty reply topic', () => {
  beforeAll(async () => {
    await harness.startApp();
    await harness.app.untilReady();
  });

  afterAll(() => harness.app.kill());

  it('continues when a reply topic is deleted while it runs', async () => {
    const doomed = 'invitations.outcomes.doomed';
    await harness.servers.admin.createTopics({ topics: [{ topic: doomed, numPartitions: 1 }] });
    const first = sendings(1, doomed);
    await harness.servers.publish(first.messages);
    await harness.untilDone(first.ids);
    await harness.servers.admin.deleteTopics({ topics: [doomed] });
    const lost = sendings(5, doomed);
    const heard = sendings(5);
    await harness.servers.publish([...lost.messages, ...heard.messages]);
    await harness.untilDone([...lost.ids, ...heard.ids]);
    // To reply to a topic for the first time is to ask where its partitions are, and that of all the topics so far.
    const another = 'invitations.outcomes.another';
    await harness.servers.admin.createTopics({ topics: [{ topic: another, numPartitions: 1 }] });
    const later = sendings(1, another);
    await harness.servers.publish(later.messages);
    await harness.untilDone(later.ids);
    await harness.app.untilReady();
    await expectDoneOnce(harness.servers, heard.ids);
  });

  it('continues when a reply topic rejects messages, and logs it', async () => {
    const tight = 'invitations.outcomes.tight';
    const configEntries = [{ name: 'max.message.bytes', value: '10' }];
    await harness.servers.admin.createTopics({ topics: [{ topic: tight, numPartitions: 1, configEntries }] });
    const lost: string[] = [];
    // It takes a second to become known.
    const isRefused = async () => {
      const { ids, messages } = sendings(1, tight);
      lost.push(...ids);
      await harness.servers.publish(messages);
      return (await harness.app.details()).includes(`the topic ${tight} failed`);
    };
    await until(isRefused, PATIENCE_MS, 'a refusal', 500);
    const heard = sendings(20);
    await harness.servers.publish(heard.messages);
    await harness.untilDone([...lost, ...heard.ids]);
    await harness.app.untilReady();
    expect(harness.app.output).toContain('no replies for a minute');
    const later = sendings(5, tight);
    await harness.servers.publish(later.messages);
    await harness.untilDone(later.ids);
    await expectDoneOnce(harness.servers, heard.ids);
  });
});
