import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { closeAccount } from '#libs/account-closing';
import { Topics } from '#libs/contracts';
import { createKafka, Producer, type Kafka, type ProducerMessage } from '#libs/kafka';
import { createPool, type Pool } from '#libs/platform';
import { readModelMigrations } from '#libs/read-models';
import { createTopics } from '../../apps/standalone/src/servers/provisioning.js';
import { openTestKafka, type TestKafka } from '../support/kafka.js';
import { giveOutcomes } from '../support/outcomes.js';
import { openTestPostgres, type TestPostgres } from '../support/postgres.js';
import { SILENT } from './support/consumer-harness.js';

const SECRET = 'c2VjcmV0';
/** Longer than an answer takes on a busy machine. */
const PATIENT_MS = 60_000;
const topics = new Topics();

let server: TestKafka;
let postgres: TestPostgres;
let kafka: Kafka;
let producer: Producer;
let db: Pool;

beforeAll(async () => {
  [server, postgres] = await Promise.all([openTestKafka(), openTestPostgres(readModelMigrations)]);
  const brokers = server.brokers.join(',');
  await createTopics(topics, brokers, SILENT);
  kafka = createKafka({ brokers, clientId: 'test' }, SILENT);
  producer = new Producer(kafka);
  await producer.connect();
  db = createPool({ url: postgres.url, app: 'test' }, SILENT);
}, 120_000);
afterAll(async () => {
  await producer?.disconnect();
  await db?.end();
  await Promise.all([server?.stop(), postgres?.stop()]);
});

/** Closes an account where the command app is a function of the published command's id. */
const close = (
  answer: (commandId: string) => Promise<void>,
  { secret, timeoutMs = PATIENT_MS }: { secret?: string | undefined; timeoutMs?: number } = {
    secret: SECRET,
  },
) =>
  closeAccount(
    {
      db,
      kafka,
      topics,
      groupPrefix: '',
      secret,
      send: (message: ProducerMessage) => answer(String(message.headers?.['ce_id'])),
    },
    'amal',
    'olga',
    timeoutMs,
  );

const reject = (reason: string) => async (commandId: string) => {
  // The letters of other commands are not this command's.
  for (const [id, why] of [
    ['another', 'of another command'],
    [commandId, reason],
  ] as const)
    await producer.send([
      {
        topic: topics.deadLetters,
        key: 'amal',
        value: '{}',
        headers: { ce_id: id, 'dead-letter-reason': why },
      },
    ]);
};

describe('closeAccount', () => {
  it.each([[undefined], ['NOT_FOUND']])('returns the refusal of the outcome: %s', async (refusal) => {
    const answer = (commandId: string) => giveOutcomes(db, [{ commandId, actorId: 'olga', refusal }]);
    expect(await close(answer)).toBe(refusal);
  });

  it('says which secret is wrong or missing where the signature is rejected', async () => {
    const rejected = reject('the header operator-signature is not valid');
    await expect(close(rejected)).rejects.toThrow(
      /^the account is not closed\. .*The first secret of OPERATOR_COMMAND_SECRETS is not one of those of the command app/,
    );
    await expect(close(rejected, {})).rejects.toThrow(/OPERATOR_COMMAND_SECRETS is not set here/);
  });

  it('blames no secret for another reason, and names the runbook', async () => {
    const error = await close(reject('the account cannot be read')).catch(String);
    expect(error).toMatch(/: the account cannot be read\. See docs\/runbooks\/dead-letters\.md$/);
    expect(error).not.toContain('OPERATOR_COMMAND_SECRETS');
  });

  it('says after the timeout that the account is closed later', async () => {
    await expect(close(async () => undefined, { timeoutMs: 1 })).rejects.toThrow(
      /has no outcome yet\. Check that the command app runs.*To run this again does no harm$/,
    );
  });
});
