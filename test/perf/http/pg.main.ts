import { Pool } from 'pg';
import type { Queryable } from '#libs/platform';
import { findInbox } from '#libs/read-models';
import { quantile } from '../support/statistics.js';
import type { LoadResult } from './load.js';
import type { PageReads } from './page-reads.js';

/** `pg` alone: pages of the inbox by the service's own statement, whose rows nobody uses. */
const { url, members, connections, inFlight, seconds, isNamed } = JSON.parse(
  process.env['PAGE_READS']!,
) as PageReads;

interface Statement {
  readonly name?: string | undefined;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** The statement of the first page of a member. */
async function statementFor(member: string): Promise<Statement> {
  let statement: Statement | undefined;
  const query = async (asked: Statement) => {
    statement = asked;
    return { rows: [] };
  };
  await findInbox({ query } as unknown as Queryable, member, { limit: 30 });
  return isNamed ? statement! : { ...statement!, name: undefined };
}

const statements = await Promise.all(members.map(statementFor));
const pool = new Pool({ connectionString: url, max: connections });
const times: number[] = [];
let next = 0;

async function readUntil(endMs: number, onPage: (ms: number) => void): Promise<void> {
  for (let since = performance.now(); since < endMs;) {
    const { rows } = await pool.query(statements[next++ % statements.length] as { text: string });
    if (rows.length !== 30) throw new Error(`a page of ${rows.length} rows`);
    const now = performance.now();
    onPage(now - since);
    since = now;
  }
}

const readersUntil = (endMs: number, onPage: (ms: number) => void) =>
  Promise.all(Array.from({ length: inFlight }, () => readUntil(endMs, onPage)));

// Node compiles the code meanwhile, and each connection plans the statement.
await readersUntil(performance.now() + 200 * seconds, () => undefined);
process.send!('warm');
await new Promise((resolve) => process.once('message', resolve));
const since = performance.now();
await readersUntil(since + seconds * 1_000, (ms) => times.push(ms));
const elapsed = (performance.now() - since) / 1_000;
const sorted = times.toSorted((a, b) => a - b);
const result: LoadResult = {
  answers: times.length,
  perSecond: times.length / elapsed,
  p50: quantile(sorted, 0.5),
  p99: quantile(sorted, 0.99),
  statuses: { 200: times.length },
};
process.send!(result);
await pool.end();
process.once('SIGTERM', () => process.exit());
