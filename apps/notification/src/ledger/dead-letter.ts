import type { Incoming } from '#libs/kafka';
import type { Queryable } from '#libs/platform';

/** A message that was set aside, and where it stood. */
export interface DeadLetter {
  readonly topic: string;
  readonly partition: number;
  readonly position: string;
  readonly reason: string;
  readonly at: string;
  readonly redrivenAt: string | null;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** By name; values in base64. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
}

/** `<topic>/<partition>@<offset>`. */
export const placeOf = ({ topic, partition, position }: DeadLetter): string =>
  `${topic}/${partition}@${position}`;

/** @param place of one of them; absent: all */
export async function findDeadLetters(db: Queryable, place?: string): Promise<DeadLetter[]> {
  const { rows } = await db.query<DeadLetter>(
    `SELECT topic, partition, position::text, reason, at, redriven_at AS "redrivenAt", key, value, headers
     FROM notification.dead_letters
     WHERE $1::text IS NULL OR topic || '/' || partition || '@' || position = $1 ORDER BY at, topic, partition, position`,
    [place ?? null],
  );
  return rows;
}

export async function markRedriven(tx: Queryable, { topic, partition, position }: DeadLetter): Promise<void> {
  await tx.query(
    `UPDATE notification.dead_letters SET redriven_at = now()
     WHERE topic = $1 AND partition = $2 AND position = $3`,
    [topic, partition, position],
  );
}

/** As the consumer would give it. */
export function messageOf({
  topic,
  partition,
  position,
  at,
  key,
  value,
  headers: stored,
}: DeadLetter): Incoming {
  const headers = Object.fromEntries(
    Object.entries(stored).map(([name, values]) => {
      const bytes = values.map((text) => Buffer.from(text, 'base64'));
      return [name, bytes.length === 1 ? bytes[0]! : bytes];
    }),
  );
  return {
    topic,
    partition,
    offset: position,
    timestamp: Date.parse(at),
    key,
    value,
    headers,
    header: (name) => (Object.hasOwn(headers, name) ? [headers[name]!].flat()[0]?.toString() : undefined),
  };
}
