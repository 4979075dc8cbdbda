import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { TOPICS } from '#libs/contracts';
import { connectEventStore, dispose } from '#libs/event-store';
import { createKafka, readTopic, type Incoming } from '#libs/kafka';
import { createLogger } from '#libs/platform';
import { PROJECT } from '../deploy/support/files.js';
import type { Deployed } from '../support/deployed.js';

/** All that a topic holds. */
export async function messagesOn(world: Deployed, topic: string): Promise<Incoming[]> {
  const messages: Incoming[] = [];
  const kafka = createKafka({ brokers: world.brokers, clientId: 'test' }, createLogger('test', 'silent'));
  await readTopic(kafka, topic, { groupPrefix: 'test' }, (message) => void messages.push(message));
  return messages;
}

/** Commands that a stopped command app has begun, and not committed; or committed, and not decided. */
export async function halfDecided(world: Deployed): Promise<string[]> {
  const admin = world.service.kafka.admin();
  await admin.connect();
  const [committed] = await admin.fetchOffsets({ groupId: 'command', topics: [TOPICS.commands] });
  await admin.disconnect();
  const ends = new Map(committed!.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
  const { rows } = await world.pool.query<{ id: string }>(
    'SELECT command_id AS id FROM read_models.command_outcomes',
  );
  const decided = new Set(rows.map(({ id }) => id));
  return (await messagesOn(world, TOPICS.commands))
    .filter(
      (message) =>
        Number(message.offset) < ends.get(message.partition)! !== decided.has(message.header('ce_id')!),
    )
    .map(({ partition, offset }) => `${partition}@${offset}`);
}

/** What is said where read models, as they stand, are not what the log comes to up to their checkpoints. */
export async function unlikeTheLog(world: Deployed): Promise<string> {
  const main = join(PROJECT, 'dist/apps/replay/src/main.js');
  const { NODE_OPTIONS: _options, ...env } = process.env;
  const child = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', main, 'verify'], {
    env: { ...env, EVENTSTORE_URL: world.eventStore, DATABASE_URL: world.postgres },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return code === 0 ? '' : output;
}

/** Slices that a stopped projector has not left to others. */
export async function slicesKept({ pool }: Deployed): Promise<number> {
  const { rows } = await pool.query('SELECT FROM read_models.slices WHERE owner IS NOT NULL');
  return rows.length;
}

/** By state: the e-mails in the ledger. One that is claimed is under way. */
export async function ledger({ pool }: Deployed): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ state: string; count: number }>(
    `SELECT CASE WHEN state = 'queued' AND claim IS NOT NULL THEN 'claimed' ELSE state END AS state,
       count(*)::int AS count FROM notification.deliveries GROUP BY 1`,
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

/** Every event in the streams: its type and the command that it came of. */
export async function eventsIn(world: Deployed): Promise<{ type: string; commandId: string }[]> {
  const client = connectEventStore(world.eventStore);
  const events: { type: string; commandId: string }[] = [];
  for await (const { event } of client.readAll()) {
    if (event?.streamId.startsWith('account-') !== true) continue;
    events.push({ type: event.type, commandId: (event.metadata as { commandId: string }).commandId });
  }
  await dispose(client);
  return events;
}
