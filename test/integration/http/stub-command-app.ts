import { REFUSAL_CODES, TOPICS } from '#libs/contracts';
import { BatchConsumer, createKafka, Producer } from '#libs/kafka';
import { createLogger, Health } from '#libs/platform';

/** Responds to every command at once, depending on its id: with an acceptance or with one of the refusals. */
export async function startStubCommandApp(brokers: string): Promise<{ stop(): Promise<void> }> {
  const logger = createLogger('decider', 'silent');
  const kafka = createKafka({ brokers, clientId: 'decider' }, logger);
  const producer = new Producer(kafka);
  await producer.connect();
  const consumer = new BatchConsumer(
    kafka,
    {
      groupId: 'decider',
      topics: [TOPICS.commands],
      handle: async (messages) => {
        const outcomes = messages.map((message) => {
          const commandId = message.header('ce_id')!;
          const code = REFUSAL_CODES[Number.parseInt(commandId.slice(0, 2), 16) % (2 * REFUSAL_CODES.length)];
          const outcome = code === undefined ? { outcome: 'accepted' } : { outcome: 'refused', code };
          const value = JSON.stringify({ commandId, ...outcome });
          return { topic: message.header('reply-to')!, key: commandId, value };
        });
        await producer.send(outcomes);
      },
      onFatal: (reason) => {
        throw new Error(reason);
      },
    },
    new Health(),
    logger,
  );
  await consumer.start();
  return {
    async stop() {
      await consumer.stop();
      await producer.disconnect();
    },
  };
}
