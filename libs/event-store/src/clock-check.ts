import { jsonEvent, type EventStoreDBClient } from '@eventstore/db-client';
import { APPEND_DEADLINE_MS } from './client.js';
import { within } from './within.js';

/** A stream of its own, which no projection and no export knows: those ask for accounts by prefix. */
const STREAM = 'invitations-clock';
const KEPT_SECONDS = 3_600;

/** Beyond any clock that is wrong by mistake: this append must be taken whatever the server's clock says. */
const DEADLINE_MS = 300 * 24 * 3_600_000;
const PATIENCE_MS = 5_000;

/** A skew of the deadline's length fails every append; half of it leaves no room for a slow answer. */
export const TOLERATED_SKEW_MS = APPEND_DEADLINE_MS / 2;

/** What the two clocks said. */
export interface ClockReading {
  /** Half way between asking and the answer. */
  readonly here: Date;
  readonly there: Date;
  /** How far the server's is ahead at the least, negative where it is behind; what the way there takes is no skew. */
  readonly skewMs: number;
}

/**
 * Compares the event store's clock with ours: the client sends the deadline of an append as a point in time, by our
 * clock, and the server checks it by its own.
 * @throws when the server does not answer
 */
export async function readClocks(client: EventStoreDBClient, now: () => number): Promise<ClockReading> {
  const before = now();
  const { nextExpectedRevision: revision } = await within(
    PATIENCE_MS,
    client.appendToStream(STREAM, jsonEvent({ type: 'ClockRead', data: {} }), { deadline: DEADLINE_MS }),
  );
  const after = now();
  if (revision === 0n) {
    // Without it the stream only grows by an event a start.
    await within(PATIENCE_MS, client.setStreamMetadata(STREAM, { maxAge: KEPT_SECONDS })).catch(
      () => undefined,
    );
  }
  const there = await within(PATIENCE_MS, createdAt(client, revision));
  const skewMs = there < before ? there - before : Math.max(0, there - after);
  return { here: new Date((before + after) / 2), there: new Date(there), skewMs };
}

async function createdAt(client: EventStoreDBClient, fromRevision: bigint): Promise<number> {
  let created: number | undefined;
  // To its end: a read that is left early would keep the client from closing.
  for await (const { event } of client.readStream(STREAM, { fromRevision, maxCount: 1 })) {
    created ??= event?.created.getTime();
  }
  if (created === undefined) throw new Error(`${STREAM} does not give the event that was just appended`);
  return created;
}

/** @throws when appends could fail for nothing but the clocks */
export function checkClocks({ here, there, skewMs }: ClockReading): void {
  if (Math.abs(skewMs) <= TOLERATED_SKEW_MS) return;
  throw new Error(
    `the clocks disagree by ${Math.abs(skewMs)} ms, more than ${TOLERATED_SKEW_MS}: here it is ` +
      `${here.toISOString()}, at the event store ${there.toISOString()}. Appends would fail; set the clocks (NTP)`,
  );
}
