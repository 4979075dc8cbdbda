import type { Pool } from '#libs/platform';
import { Refused } from './site.js';

/**
 * Nobody else builds, shows or drops a generation of the projection meanwhile. The lock is that of a session: it ends
 * with the process, however that ends. It keeps operators apart; what fences a process that was paused is the epoch.
 */
export async function alone<T>(pool: Pool, projection: string, work: () => Promise<T>): Promise<T> {
  const session = await pool.connect();
  const key = `hashtextextended('read_models.projections ' || $1, 0)`;
  try {
    const { rows } = await session.query<{ locked: boolean }>(
      `SELECT pg_try_advisory_lock(${key}) AS locked`,
      [projection],
    );
    if (rows[0]?.locked !== true) {
      throw new Refused(`another rebuild or switch of ${projection} is under way`);
    }
    return await work();
  } finally {
    // Where this fails, the lock goes with the connection.
    await session.query(`SELECT pg_advisory_unlock(${key})`, [projection]).catch(() => undefined);
    session.release(true);
  }
}
