import type { Queryable } from '#libs/platform';

/** How far the directory has got in a partition of the profiles' topic. */
export interface ProfilePlace {
  readonly nextOffset: bigint;
  /** Time of the newest message so far, in milliseconds since 1970. */
  readonly newest: number;
}

/** A message's place and time. */
interface Placed {
  readonly offset: string;
  readonly timestamp: number;
}

const BEGINNING: ProfilePlace = { nextOffset: 0n, newest: 0 };

/** Holds on to the partition until the transaction ends: whoever else has it waits. */
export async function holdProfilePlace(
  tx: Queryable,
  topic: string,
  partition: number,
): Promise<ProfilePlace> {
  const { rows } = await tx.query<{ next_position: string; newest: string }>(
    `INSERT INTO read_models.profile_places AS p (topic, partition, next_position, newest) VALUES ($1, $2, $3, $4)
     ON CONFLICT (topic, partition) DO UPDATE SET next_position = p.next_position
     RETURNING next_position, newest`,
    [topic, partition, BEGINNING.nextOffset.toString(), BEGINNING.newest],
  );
  const { next_position: next, newest } = rows[0]!;
  return { nextOffset: BigInt(next), newest: Number(newest) };
}

/** Whether the directory does not know a message yet. One that is newer than all before is of another log. */
export const isUnknown = ({ offset, timestamp }: Placed, { nextOffset, newest }: ProfilePlace): boolean =>
  BigInt(offset) >= nextOffset || timestamp > newest;

export const placeAfter = (messages: readonly Placed[], { newest }: ProfilePlace): ProfilePlace => ({
  nextOffset: BigInt(messages.at(-1)!.offset) + 1n,
  newest: messages.reduce((latest, { timestamp }) => Math.max(latest, timestamp), newest),
});

export async function moveProfilePlace(
  tx: Queryable,
  topic: string,
  partition: number,
  { nextOffset, newest }: ProfilePlace,
): Promise<void> {
  await tx.query(
    `UPDATE read_models.profile_places SET next_position = $3, newest = $4 WHERE topic = $1 AND partition = $2`,
    [topic, partition, nextOffset.toString(), newest],
  );
}
