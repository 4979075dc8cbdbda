import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { TOPICS } from '#libs/contracts';
import { connectEventStore, closeEventStore } from '#libs/event-store';
import { createKafka, readTopicToEnd, type ConsumedMessage } from '#libs/kafka';
import { createLogger } from '#libs/platform';
import { PROJECT } from '../../deploy/support/files.js';
import type { Deployed } from '../../support/deployed.js';

/** Returns all messages of a topic. */
export async function messagesOn(deployed: Deployed, topic: string): Promise<ConsumedMessage[]> {
  const messages: ConsumedMessage[] = [];
  const kafka = createKafka({ brokers: deployed.brokers, clientId: 'test' }, createLogger('test', 'silent'));
  await readTopicToEnd(kafka, topic, { groupPrefix: 'test' }, (message) => void messages.push(message));
  return messages;
}

/** Returns the commands that a stopped command app has begun and not committed, or committed and not decided. */
export async function halfDecided(deployed: Deployed): Promise<string[]> {
  const admin = deployed.service.kafka.admin();
  await admin.connect();
  const [committed] = await admin.fetchOffsets({ groupId: 'command', topics: [TOPICS.commands] });
  await admin.disconnect();
  const ends = new Map(committed!.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
  const { rows } = await deployed.pool.query<{ id: string }>(
    'SELECT command_id AS id FROM read_models.command_outcomes',
  );
  const decided = new Set(rows.map(({ id }) => id));
  return (await messagesOn(deployed, TOPICS.commands))
    .filter(
      (message) =>
        Number(message.offset) < ends.get(message.partition)! !== decided.has(message.header('ce_id')!),
    )
    .map(({ partition, offset }) => `${partition}@${offset}`);
}

/** Returns the differences between the read models and the fold of the log at their checkpoints. */
export async function unlikeTheLog(deployed: Deployed): Promise<string> {
  const main = join(PROJECT, 'dist/apps/replay/src/main.js');
  const { NODE_OPTIONS: _options, ...env } = process.env;
  const child = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', main, 'verify'], {
    env: { ...env, EVENTSTORE_URL: deployed.eventStore, DATABASE_URL: deployed.postgres },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return code === 0 ? '' : output;
}

/** Returns the slices that a stopped projector has not released. */
export async function slicesKept({ pool }: Deployed): Promise<number> {
  const { rows } = await pool.query('SELECT FROM read_models.slices WHERE owner IS NOT NULL');
  return rows.length;
}

/** Returns the ids of events that occur more than once in their topic. */
export async function publishedTwice(deployed: Deployed): Promise<string[]> {
  const repeats: string[] = [];
  for (const topic of [TOPICS.sent, TOPICS.accepted]) {
    const seen = new Set<string>();
    for (const message of await messagesOn(deployed, topic)) {
      const id = message.header('ce_id')!;
      if (seen.has(id)) repeats.push(id);
      seen.add(id);
    }
  }
  return repeats;
}

/** Returns some of the deliveries that are not sent, with what is known of each. */
export async function unsettled({ pool }: Deployed): Promise<unknown[]> {
  const { rows } = await pool.query<Record<string, unknown>>(
    `SELECT kind, state, reason, smtp_code, attempts, claim IS NOT NULL AS claimed, now() AS at, created_at, due_at, deferred_until
     FROM notification.deliveries WHERE state <> 'sent' LIMIT 5`,
  );
  return rows;
}

/** Returns the numbers of e-mails in the ledger by state. A claimed one is in progress. */
export async function ledger({ pool }: Deployed): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ state: string; count: number }>(
    `SELECT CASE WHEN state = 'queued' AND claim IS NOT NULL THEN 'claimed' ELSE state END AS state,
       count(*)::int AS count FROM notification.deliveries GROUP BY 1`,
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

/** Returns every event in the streams with the command that caused it. */
export async function eventsIn(
  deployed: Deployed,
): Promise<{ id: string; type: string; commandId: string }[]> {
  const client = connectEventStore(deployed.eventStore);
  const events: { id: string; type: string; commandId: string }[] = [];
  for await (const { event } of client.readAll()) {
    if (event?.streamId.startsWith('account-') !== true) continue;
    const { commandId = '' } = (event.metadata ?? {}) as { commandId?: string };
    events.push({ id: event.id, type: event.type, commandId });
  }
  await closeEventStore(client);
  return events;
}
