import type { Queryable } from '#libs/platform';

export interface Connection {
  readonly between: readonly [string, string];
  /** ISO 8601. */
  readonly since: string;
}

/** Two who are connected already stay so since when they were. */
export async function saveConnections(tx: Queryable, connections: readonly Connection[]): Promise<void> {
  const sides = connections.flatMap(({ between: [a, b], since }) => [
    { memberId: a, otherId: b, since },
    { memberId: b, otherId: a, since },
  ]);
  await tx.query(
    `INSERT INTO notification.connections (member_id, other_id, since)
     SELECT DISTINCT ON (member_id, other_id) * FROM unnest($1::text[], $2::text[], $3::timestamptz[])
       AS side (member_id, other_id, since) ORDER BY member_id, other_id, since
     ON CONFLICT DO NOTHING`,
    [
      sides.map(({ memberId }) => memberId),
      sides.map(({ otherId }) => otherId),
      sides.map(({ since }) => since),
    ],
  );
}
