import { jsonEvent, type EventStoreDBClient } from '@eventstore/db-client';
import { readStream } from './read-streams.js';
import { TOLERATED_SKEW_MS, withTimeout } from './wire/response-timeout.js';

/** A stream of its own. Projections and exports never see it, because they read accounts by prefix. */
export const CLOCK_STREAM = 'invitations-clock';
const MAX_AGE_SECONDS = 3_600;
/** As EventStoreDB stores it. */
export const CLOCK_STREAM_METADATA = { $maxAge: MAX_AGE_SECONDS };

/** Longer than any clock is wrong by mistake: the server must accept this append whatever its clock says. */
const DEADLINE_MS = 300 * 24 * 3_600_000;
const TIMEOUT_MS = 5_000;

export interface ClockSkew {
  /** Half way between the request and the response. */
  readonly localTime: Date;
  readonly serverTime: Date;
  /** By how much the server's clock is ahead at least; negative if it is behind. The round trip is not counted as skew. */
  readonly skewMs: number;
}

/**
 * Compares the event store's clock with the local one. The client sends the deadline of an append as a point in time of the
 * local clock, and the server compares it with its own.
 * @throws when the server does not respond
 */
export async function measureClockSkew(client: EventStoreDBClient, now: () => number): Promise<ClockSkew> {
  const before = now();
  const { nextExpectedRevision: revision } = await withTimeout(
    TIMEOUT_MS,
    client.appendToStream(CLOCK_STREAM, jsonEvent({ type: 'ClockRead', data: {} }), {
      deadline: DEADLINE_MS,
      requiresLeader: true,
    }),
  );
  const after = now();
  if (revision === 0n) {
    // If this fails, the stream only grows by one event for each start.
    await withTimeout(TIMEOUT_MS, client.setStreamMetadata(CLOCK_STREAM, { maxAge: MAX_AGE_SECONDS })).catch(
      () => undefined,
    );
  }
  const serverTime = await readCreationTime(client, revision);
  const skewMs = serverTime < before ? serverTime - before : Math.max(0, serverTime - after);
  return { localTime: new Date((before + after) / 2), serverTime: new Date(serverTime), skewMs };
}

async function readCreationTime(client: EventStoreDBClient, fromRevision: bigint): Promise<number> {
  const options = { fromRevision, maxCount: 1, requiresLeader: true, timeoutMs: TIMEOUT_MS };
  let created: number | undefined;
  for await (const [event] of readStream(client, CLOCK_STREAM, options)) created ??= event?.created.getTime();
  if (created === undefined) throw new Error(`the event just appended to ${CLOCK_STREAM} cannot be read`);
  return created;
}

/** @throws when the clocks differ so much that appends could fail */
export function assertClockSkew({ localTime, serverTime, skewMs }: ClockSkew): void {
  if (Math.abs(skewMs) <= TOLERATED_SKEW_MS) return;
  throw new Error(
    `the clocks disagree by ${Math.abs(skewMs)} ms, more than ${TOLERATED_SKEW_MS}: here it is ` +
      `${localTime.toISOString()}, at the event store ${serverTime.toISOString()}. Appends would fail; set the clocks (NTP)`,
  );
}
