import type { Incoming } from '#libs/kafka';
import type { Queryable } from '#libs/platform';
import { storable } from './storable.js';

/** What is not what its topic carries. */
export interface Poison {
  readonly message: Incoming;
  /** Names fields, never values. */
  readonly reason: string;
}

/** Keeps messages byte for byte, for whoever mends their producer. */
export async function storeDeadLetters(tx: Queryable, poison: readonly Poison[]): Promise<void> {
  for (const { message, reason } of poison) {
    await tx.query(
      `INSERT INTO notification.dead_letters (topic, partition, position, key, value, headers, reason)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
      [
        message.topic,
        message.partition,
        message.offset,
        message.key,
        message.value,
        JSON.stringify(headersOf(message)),
        storable(reason),
      ],
    );
  }
}

function headersOf({ headers }: Incoming): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      storable(name),
      [value ?? []].flat().map((one) => Buffer.from(one).toString('base64')),
    ]),
  );
}
