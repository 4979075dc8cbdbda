import { readFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { encodeEvent, streamOf, type RawEvent } from '#libs/event-store';
import { DEFAULT_POLICY } from '#libs/invitation';
import { UnreadableEvents } from '../../../apps/replay/src/log/log-reader.js';
import { queryFigures } from '../../../apps/replay/src/report/queries.js';
import { Database, DEFAULT_MEMORY } from '../../../apps/replay/src/sql/database.js';
import { formatResult } from '../../../apps/replay/src/sql/result-formats.js';
import { HistorySimulation } from '../../../apps/replay/src/what-if/history-simulation.js';
import { historyOf } from '../projections/workload.js';

/**
 * Does with a number of events what a command of replay does with a log, without an event store, and prints the peak of the
 * memory in MiB: `memory.main.js <report | sql | what-if> <events>`.
 */
const BATCH = 500;
const [command, given] = process.argv.slice(2);
const count = Number(given);

/** The queries of docs/analysts.md whose answers are documented. */
const documentedQueries = (): string[] =>
  [...readFileSync('docs/analysts.md', 'utf8').matchAll(/```sql\n([^`]+)```\n\n```text/g)].map(
    ([, sql]) => sql!,
  );

async function* batches(): AsyncGenerator<RawEvent[], void, void> {
  let batch: RawEvent[] = [];
  let read = 0;
  for (let account = 0; read < count; account += 1) {
    const accountId = `account-${account}`;
    for (const [revision, event] of historyOf(accountId).entries()) {
      const { id, type, data, metadata } = encodeEvent(event, 0);
      const commit = BigInt((read += 1));
      batch.push({
        id,
        type,
        streamId: streamOf(accountId),
        accountId,
        slice: 0,
        revision: BigInt(revision),
        created: new Date(event.at),
        data,
        metadata: JSON.parse(Buffer.from(metadata as Uint8Array).toString()) as unknown,
        position: { commit, prepare: commit },
      });
    }
    if (batch.length < BATCH && read < count) continue;
    yield batch;
    batch = [];
    // Reading a log waits for the network, and finalizers run meanwhile.
    await nextTurn();
  }
}

async function withDatabase(keepsOrder: boolean, work: (database: Database) => Promise<number>) {
  const database = await Database.open({ memory: DEFAULT_MEMORY, keepsOrder });
  await database.insert(batches(), new UnreadableEvents());
  await database.fold();
  const events = await work(database);
  database.close();
  return events;
}

const COMMANDS: Readonly<Record<string, () => Promise<number>>> = {
  report: () => withDatabase(false, async (database) => (await queryFigures(database)).whole[0]?.events ?? 0),
  sql: () =>
    withDatabase(true, async (database) => {
      let events = 0;
      const queries = [...documentedQueries(), 'FROM invitations ORDER BY position', 'FROM events'];
      for await (const result of database.query(queries.join(';'))) {
        events = 0;
        for await (const line of formatResult(result, 'jsonl')) events += line === '' ? 0 : 1;
      }
      return events;
    }),
  'what-if': async () => {
    const other = { ...DEFAULT_POLICY, invitationLimit: 4 };
    const history = await HistorySimulation.open({ present: DEFAULT_POLICY, other });
    const unreadable = new UnreadableEvents();
    for await (const batch of batches())
      for (const raw of batch) history.add(raw.accountId, unreadable.decode(raw)!.event);
    await history.run();
    await history.summary();
    let different = 0;
    for await (const { counts } of history.accounts()) different += Math.sign(counts.refused);
    history.close();
    if (different === 0) throw new Error('no account would be different');
    return history.eventCount;
  },
};

const events = await COMMANDS[command!]!();
if (events !== count) throw new Error(`${events} of ${count} events were read`);
process.stdout.write(String(process.resourceUsage().maxRSS / 1024));
