import type { ConsumedMessage, MessageOffset, UndecodableBatch } from '#libs/kafka';
import { toPostgresText, type Queryable } from '#libs/platform';

/** A message that does not fit its topic. */
export interface InvalidMessage {
  readonly message: ConsumedMessage;
  /** Names fields, never values. */
  readonly reason: string;
}

type StoredMessage = MessageOffset & Pick<ConsumedMessage, 'key' | 'value' | 'headers'>;

/** Stores messages byte for byte, so that an operator can inspect and redrive them. */
export async function storeDeadLetters(
  tx: Queryable,
  invalid: readonly { readonly message: StoredMessage; readonly reason: string }[],
): Promise<void> {
  for (const { message, reason } of invalid) {
    await tx.query(
      `INSERT INTO notification.dead_letters (topic, partition, position, key, value, headers, reason)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
      [
        message.topic,
        message.partition,
        message.offset,
        message.key,
        message.value,
        JSON.stringify(encodeHeaders(message)),
        toPostgresText(reason),
      ],
    );
  }
}

/** Stores one row for a whole batch that cannot be decoded, with its offsets and the reason: it has no readable messages. */
export function storeUndecodableBatch(
  db: Queryable,
  { topic, partition, firstOffset, lastOffset, reason }: UndecodableBatch,
): Promise<void> {
  const message = { topic, partition, offset: firstOffset, key: null, value: null, headers: {} };
  const batch = `the batch of offsets ${firstOffset} to ${lastOffset} cannot be decoded`;
  return storeDeadLetters(db, [{ message, reason: `${batch}: ${reason}` }]);
}

/** Whether `storeUndecodableBatch` has written this row. */
export const isUndecodableBatch = ({ reason }: DeadLetter): boolean =>
  /^the batch of offsets \d+ to \d+ cannot be decoded: /.test(reason);

function encodeHeaders({ headers }: StoredMessage): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      toPostgresText(name),
      [value ?? []].flat().map((one) => Buffer.from(one).toString('base64')),
    ]),
  );
}

/** A row of `notification.dead_letters`. */
export interface DeadLetter {
  readonly topic: string;
  readonly partition: number;
  /** The offset of the message. */
  readonly position: string;
  readonly reason: string;
  readonly at: string;
  readonly redrivenAt: string | null;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** By name; values in base64. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
}

/** `<topic>/<partition>@<offset>`: names a dead letter on the command line. */
export const deadLetterId = ({ topic, partition, position }: DeadLetter): string =>
  `${topic}/${partition}@${position}`;

/** @param id of one dead letter; absent: all */
export async function findDeadLetters(db: Queryable, id?: string): Promise<DeadLetter[]> {
  const { rows } = await db.query<DeadLetter>(
    `SELECT topic, partition, position::text, reason, at, redriven_at AS "redrivenAt", key, value, headers
     FROM notification.dead_letters
     WHERE $1::text IS NULL OR topic || '/' || partition || '@' || position = $1 ORDER BY at, topic, partition, position`,
    [id ?? null],
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

/** Restores the message as the consumer would deliver it. */
export function toMessage({
  topic,
  partition,
  position,
  at,
  key,
  value,
  headers: encoded,
}: DeadLetter): ConsumedMessage {
  const headers = Object.fromEntries(
    Object.entries(encoded).map(([name, values]) => {
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
