import { beforeEach, describe, expect, it } from '@jest/globals';
import { Topics } from '#libs/contracts';
import type { ProducerMessage } from '#libs/kafka';
import { createLogger } from '#libs/platform';
import { message } from '../../../../test/support/command-messages.js';
import { id, minute } from '../../../../test/support/story.js';
import { ReplyTopicBreaker } from './reply-topic-breaker.js';
import { BatchPublisher, type AddressedResponse } from './batch-publisher.js';
import { messageKey, DeadLetterDeduplicator } from './dead-letter-deduplicator.js';
import type { UnprocessableMessage } from './parse-batch.js';

const A = 'invitations.outcomes.a';
const B = 'invitations.outcomes.b';
const AT = new Date(minute(5));
const PARTITION = 'invitations.commands/0';

/** A broker's refusal as kafkajs throws it. */
function refusal(type: string): Error {
  return new Error('gave up', {
    cause: Object.assign(new Error(type), { name: 'KafkaJSProtocolError', type }),
  });
}

/** Takes what it is sent, or not. */
class Topic {
  readonly taken: ProducerMessage[] = [];
  requests = 0;
  fails: (messages: readonly ProducerMessage[]) => Error | undefined = () => undefined;

  async send(messages: readonly ProducerMessage[]): Promise<void> {
    if (messages.length === 0) return;
    this.requests += 1;
    const failure = this.fails(messages);
    if (failure !== undefined) throw failure;
    this.taken.push(...messages);
  }
}

const reply = (n: number, topic = A): AddressedResponse => ({ topic, commandId: id(n), code: undefined });
const invalid = (text = '{}'): UnprocessableMessage => ({
  message: message({}, text),
  reason: 'it is odd',
  commandId: undefined,
  replyTo: undefined,
});

describe('BatchPublisher', () => {
  let replies: Topic;
  let letters: Topic;
  let publisher: BatchPublisher;

  const keys = () => replies.taken.map(({ topic, key }) => `${topic} ${String(key)}`);
  const offsets = () => letters.taken.map(({ headers }) => headers!['dead-letter-offset']);

  beforeEach(() => {
    [replies, letters] = [new Topic(), new Topic()];
    const logger = createLogger('test', 'silent');
    const now = () => AT.getTime();
    const read = async () =>
      new Set(
        letters.taken.map(({ headers }) =>
          messageKey({
            topic: String(headers!['dead-letter-topic']),
            partition: Number(headers!['dead-letter-partition']),
            offset: String(headers!['dead-letter-offset']),
          }),
        ),
      );
    publisher = new BatchPublisher(
      new Topics(),
      replies,
      letters,
      new ReplyTopicBreaker(new Topics(), async () => [A, B], now, logger),
      new DeadLetterDeduplicator(read, now),
      logger,
    );
  });

  const publish = (all: readonly AddressedResponse[], odd: readonly UnprocessableMessage[] = []) =>
    publisher.publish(PARTITION, all, odd, AT);

  it('does not republish outcomes while a dead letter is rejected', async () => {
    const odd = [invalid()];
    letters.fails = () => refusal('NOT_ENOUGH_REPLICAS');
    for (let n = 0; n < 5; n += 1) {
      await expect(publish([reply(1), reply(2)], odd)).rejects.toThrow(
        'the topic invitations.commands.dead-letter',
      );
    }
    expect(keys()).toEqual([`${A} ${id(1)}`, `${A} ${id(2)}`]);
    letters.fails = () => undefined;
    // What came behind it meanwhile is in the batch now.
    await publish([reply(1), reply(2), reply(3)], odd);
    expect(keys()).toEqual([1, 2, 3].map((n) => `${A} ${id(n)}`));
    expect(offsets()).toEqual([odd[0]!.message.offset]);
  });

  it('does not republish dead letters while an outcome is rejected', async () => {
    const odd = [invalid(), invalid()];
    replies.fails = (messages) =>
      messages.some(({ topic }) => topic === B) ? refusal('UNKNOWN') : undefined;
    for (let n = 0; n < 5; n += 1) await expect(publish([reply(1), reply(1, B)], odd)).rejects.toThrow(B);
    expect(offsets()).toEqual(odd.map(({ message: { offset } }) => offset));
    expect(keys()).toEqual([`${A} ${id(1)}`]);
  });

  it('publishes an outcome again if its command is consumed again after the batch was completed', async () => {
    await publish([reply(1)]);
    await publish([reply(1)]);
    expect(keys()).toHaveLength(2);
  });

  it('publishes outcomes again after a rebalance', async () => {
    letters.fails = () => refusal('UNKNOWN');
    await expect(publish([reply(1)], [invalid()])).rejects.toThrow('failed');
    publisher.invalidate();
    await expect(publish([reply(1)], [invalid()])).rejects.toThrow('failed');
    expect(keys()).toHaveLength(2);
  });

  it.each(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'])(
    'publishes a dead letter that the topic rejects with %s without its value, and the others unchanged',
    async (type) => {
      const odd = [invalid('{}'), invalid('large'), invalid('[]')];
      letters.fails = (messages) =>
        messages.some(({ value }) => String(value) === 'large') ? refusal(type) : undefined;
      await publish([reply(1)], odd);
      expect(letters.taken.map(({ value }) => value && String(value))).toEqual(['{}', null, '[]']);
      expect(letters.taken[1]!.headers!['dead-letter-reason']).toMatch(
        /^it is odd; not kept: with headers it has \d+ bytes$/,
      );
      expect(offsets()).toEqual(odd.map(({ message: { offset } }) => offset));
      expect(keys()).toHaveLength(1);
    },
  );

  it('publishes only the missing dead letters after a request that was written in part', async () => {
    const odd = [invalid('{}'), invalid('large')];
    letters.fails = (messages) => {
      if (messages.length > 1) letters.taken.push(messages[0]!);
      return messages.some(({ value }) => String(value) === 'large')
        ? refusal('MESSAGE_TOO_LARGE')
        : undefined;
    };
    await publish([], odd);
    expect(offsets()).toEqual(odd.map(({ message: { offset } }) => offset));
  });

  it('publishes one dead letter for a batch that cannot be decoded, and none if one exists', async () => {
    const batch = {
      topic: 't',
      partition: 1,
      firstOffset: '5',
      lastOffset: '9',
      timestamp: -1,
      reason: 'it is odd',
    };
    await publisher.publishBatch(batch, AT);
    publisher.invalidate();
    await publisher.publishBatch(batch, AT);
    expect(letters.taken.map(({ headers }) => headers!['dead-letter-last-offset'])).toEqual(['9']);
  });
});
