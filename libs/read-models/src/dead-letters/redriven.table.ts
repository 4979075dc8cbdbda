import type { Queryable } from '#libs/platform';

/** Where the message of a dead letter stood: the letter may be there twice, its message is one. */
export interface MessagePlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

/** The latest re-drive of each message, as an ISO 8601 instant. */
export async function findRedriven(
  db: Queryable,
): Promise<readonly (MessagePlace & { readonly redrivenAt: string })[]> {
  const { rows } = await db.query<MessagePlace & { redrivenAt: string }>(
    `SELECT topic, partition, position AS "offset", redriven_at AS "redrivenAt" FROM read_models.dead_letters_redriven`,
  );
  return rows;
}

export async function storeRedriven(
  db: Queryable,
  places: readonly MessagePlace[],
  redrivenAt: string,
): Promise<void> {
  await db.query(
    `INSERT INTO read_models.dead_letters_redriven (topic, partition, position, redriven_at)
     SELECT topic, partition, position, $4 FROM unnest($1::text[], $2::integer[], $3::bigint[]) AS given (topic, partition, position)
     ON CONFLICT (topic, partition, position) DO UPDATE SET redriven_at = excluded.redriven_at`,
    [
      places.map(({ topic }) => topic),
      places.map(({ partition }) => partition),
      places.map(({ offset }) => offset),
      redrivenAt,
    ],
  );
}
