import type { Queryable } from '#libs/platform';

/**
 * Notes how many partitions a topic has, unless that is noted already.
 * @returns the number that is noted
 */
export async function recordPartitionCount(
  db: Queryable,
  topic: string,
  partitions: number,
): Promise<number> {
  await db.query(
    'INSERT INTO read_models.topic_partitions (topic, partitions) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    [topic, partitions],
  );
  const { rows } = await db.query<{ partitions: number }>(
    'SELECT partitions FROM read_models.topic_partitions WHERE topic = $1',
    [topic],
  );
  return rows[0]!.partitions;
}
