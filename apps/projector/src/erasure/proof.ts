import { findStoredKeys } from '#libs/author-keys';
import type { Topics } from '#libs/contracts';
import type { EventStoreDBClient, RawEvent } from '#libs/event-store';
import { readAll } from '#libs/event-store/read-only';
import { readRetention, readTopicToEnd, type Kafka } from '#libs/kafka';
import {
  countRows,
  findStoredTables,
  MEMBER_TABLES,
  type GivenMember,
  type MemberTable,
} from '#libs/member-data';
import type { Pool } from '#libs/platform';
import type { KnownDataFinder } from './known-data.js';

/** What was looked for in one place, and what was found. */
export interface PlaceReport {
  readonly place: string;
  /** `unread`: it could not be read, so that nothing is proved. */
  readonly state: 'clean' | 'found' | 'pending' | 'unread';
  /** What was found, or when it will be gone. Names no value. */
  readonly detail?: string;
}

/** The names of the groups that read the topics begin with it. */
export const PROOF_GROUP = 'erase';

const clean = (place: string): PlaceReport => ({ place, state: 'clean' });
const found = (place: string, detail: string): PlaceReport => ({ place, state: 'found', detail });

/** The member's key must be gone, and the record of the erasure there: otherwise the texts in the log can still be read. */
export async function checkKey(pool: Pool, memberId: string): Promise<PlaceReport> {
  const place = "key of the member's texts";
  const key = (await findStoredKeys(pool, [memberId])).get(memberId);
  if (key === 'erased') return clean(place);
  return found(
    place,
    key === undefined ? 'no record of the erasure' : 'the key exists, so texts in the log can be read',
  );
}

/** Looks in every table for rows of the member, for texts by the member, and for what is known of the member. */
export async function checkTables(
  pool: Pool,
  member: GivenMember,
  finder: KnownDataFinder,
): Promise<readonly PlaceReport[]> {
  const reports: PlaceReport[] = [];
  for (const table of MEMBER_TABLES) {
    const { owned, texts } = await countRows(pool, table, member);
    const known = await countRowsWith(pool, table, finder);
    const details = [
      owned === 0 ? [] : `${owned} of the member's rows`,
      texts === 0 ? [] : `${texts} of the member's texts`,
      known === 0 ? [] : `${known} rows with what is known of the member`,
    ].flat();
    reports.push(details.length === 0 ? clean(table.name) : found(table.name, details.join(', ')));
  }
  return reports;
}

/** Rows in one FETCH of the cursor. */
const FETCH_SIZE = 2_000;

async function countRowsWith(
  pool: Pool,
  { name, isReadModel, columns }: MemberTable,
  finder: KnownDataFinder,
) {
  if (columns.length === 0) return 0;
  let count = 0;
  for (const stored of await findStoredTables(pool, { name, isReadModel, columns })) {
    const tx = await pool.connect();
    try {
      await tx.query('BEGIN READ ONLY');
      await tx.query(`DECLARE every_row NO SCROLL CURSOR FOR SELECT ${columns.join(', ')} FROM ${stored}`);
      for (;;) {
        const { rows } = await tx.query<Record<string, unknown>>(`FETCH ${FETCH_SIZE} FROM every_row`);
        count += rows.filter((row) => finder.isIn(Object.values(row))).length;
        if (rows.length < FETCH_SIZE) break;
      }
    } finally {
      await tx.query('ROLLBACK').catch(() => undefined);
      tx.release();
    }
  }
  return count;
}

/** Looks in every event of the log. Texts that are encrypted with the member's key are covered by `checkKey`. */
export async function checkLog(client: EventStoreDBClient, finder: KnownDataFinder): Promise<PlaceReport> {
  const place = 'event log';
  let events = 0;
  let first: RawEvent | undefined;
  for await (const entries of readAll(client, { after: undefined })) {
    for (const { event } of entries) {
      if (event === undefined || !(finder.isIn(event.data) || finder.isIn(event.metadata))) continue;
      events += 1;
      first ??= event;
    }
  }
  if (first === undefined) return clean(place);
  return found(
    place,
    `${events} events, the first is ${first.revision}@${first.streamId}: see docs/erasure.md`,
  );
}

/**
 * Looks in every message of the topics. A topic that the login of the tool may not see is in the result as well.
 * @param existing the topics that the brokers list for this login
 */
export async function checkTopics(
  kafka: Kafka,
  topics: Topics,
  existing: readonly string[],
  groupPrefix: string,
  finder: KnownDataFinder,
): Promise<readonly PlaceReport[]> {
  const reports: PlaceReport[] = [];
  const names = new Set([...topics.names, ...existing.filter((name) => topics.isOutcomes(name))]);
  for (const topic of [...names].toSorted()) {
    if (existing.includes(topic)) reports.push(await checkTopic(kafka, topic, groupPrefix, finder));
    else
      reports.push({
        place: topic,
        state: 'unread',
        detail: 'it does not exist, or this login may not read it',
      });
  }
  return reports;
}

async function checkTopic(
  kafka: Kafka,
  topic: string,
  groupPrefix: string,
  finder: KnownDataFinder,
): Promise<PlaceReport> {
  let messages = 0;
  let last = 0;
  /** The keys of messages that were found, without those that a later message replaces when the topic is compacted. */
  const current = new Set<string>();
  const options = { groupPrefix: groupPrefix + PROOF_GROUP, includesAborted: true };
  await readTopicToEnd(kafka, topic, options, (message) => {
    const id = `${message.partition} ${message.key?.toString('hex')}`;
    current.delete(id);
    if (!finder.isIn([message.key, message.value, message.headers])) return;
    messages += 1;
    last = Math.max(last, message.timestamp);
    current.add(id);
  });
  if (messages === 0) return clean(topic);
  const { isCompacted, retentionMs } = await readRetention(kafka, topic);
  const what = `${messages} messages`;
  if (isCompacted) {
    return current.size > 0
      ? found(topic, `${what}, and ${current.size} of them are not replaced by a later message`)
      : { place: topic, state: 'pending', detail: `${what}, until the topic is compacted` };
  }
  if (retentionMs === undefined) return found(topic, `${what}, and the topic keeps messages for ever`);
  const until = new Date(last + retentionMs).toISOString();
  return { place: topic, state: 'pending', detail: `${what}, until ${until} (retention.ms=${retentionMs})` };
}
