import type { Pool, Queryable } from '#libs/platform';

/**
 * A transaction whose statements are all sent at once, on a pool that pipelines: the database is waited for once and not
 * once a statement. It is committed when this returns; where a statement failed, PostgreSQL answers COMMIT by undoing all.
 * @param work asks for all of its statements before it awaits any
 */
export async function inOneGo<T>(pool: Pool, work: (tx: Queryable) => Promise<T>): Promise<T> {
  const tx = await pool.connect();
  let broken: Error | undefined;
  try {
    const [, result, { command }] = await Promise.all([tx.query('BEGIN'), work(tx), tx.query('COMMIT')]);
    if (command !== 'COMMIT') throw new Error('rolled back: a statement of the transaction had failed');
    return result;
  } catch (error) {
    // Its other answers may still be under way.
    broken = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    tx.release(broken);
  }
}
