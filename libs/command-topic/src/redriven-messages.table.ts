import type { MessageOffset } from '#libs/kafka';
import type { Queryable } from '#libs/platform';

/** The latest re-drive of each message, as an ISO 8601 instant. The same message may have two dead letters. */
export async function findRedrivenMessages(
  db: Queryable,
): Promise<readonly (MessageOffset & { readonly redrivenAt: string })[]> {
  const { rows } = await db.query<MessageOffset & { redrivenAt: string }>(
    `SELECT topic, partition, position AS "offset", redriven_at AS "redrivenAt" FROM read_models.dead_letters_redriven`,
  );
  return rows;
}

export async function recordRedrivenMessages(
  db: Queryable,
  messages: readonly MessageOffset[],
  redrivenAt: string,
): Promise<void> {
  await db.query(
    `INSERT INTO read_models.dead_letters_redriven (topic, partition, position, redriven_at)
     SELECT topic, partition, position, $4 FROM unnest($1::text[], $2::integer[], $3::bigint[]) AS given (topic, partition, position)
     ON CONFLICT (topic, partition, position) DO UPDATE SET redriven_at = excluded.redriven_at`,
    [
      messages.map(({ topic }) => topic),
      messages.map(({ partition }) => partition),
      messages.map(({ offset }) => offset),
      redrivenAt,
    ],
  );
}
