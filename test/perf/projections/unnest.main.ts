import { Client } from 'pg';
import { inboxProjection, type InboxRow } from '#libs/read-models';
import { historyOf } from './workload.js';

/**
 * PostgreSQL alone: inserts as many prepared rows as there are events by `unnest`, in transactions of 500, without
 * reading events and without checkpoints.
 */
const BATCH = 500;

const { DATABASE_URL, COUNT, UNCOUNTED } = process.env as Record<string, string>;
const client = new Client(DATABASE_URL);
await client.connect();
await client.query(
  'CREATE TABLE IF NOT EXISTS read_models.bench_unnest (LIKE read_models.inbox_g1 INCLUDING ALL)',
);
await client.query('TRUNCATE read_models.bench_unnest');
const columns = Object.entries(inboxProjection.table.columns);
const insert = `INSERT INTO read_models.bench_unnest SELECT * FROM unnest(${columns
  .map(([, type], index) => `$${index + 1}::${type}[]`)
  .join(', ')}) ON CONFLICT (invitation_id) DO UPDATE SET message = excluded.message`;
const rows: InboxRow[] = [];
for (let n = 0; rows.length < Number(COUNT); n += 1) {
  for (const event of historyOf(`unnest-${n}`)) {
    const row = inboxProjection.fold(undefined, event, 'invitationId' in event ? event.invitationId : '');
    if (row !== undefined) rows.push(row);
  }
}
for (let done = 0; done < Number(COUNT); done += BATCH) {
  if (done === Number(UNCOUNTED)) process.send!('warm');
  const batch = rows.slice(done, done + BATCH);
  await client.query('BEGIN');
  await client.query(
    insert,
    columns.map(([name]) => batch.map((row) => row[name as keyof InboxRow])),
  );
  await client.query('COMMIT');
}
process.send!('done');
process.once('SIGTERM', () => process.exit());
