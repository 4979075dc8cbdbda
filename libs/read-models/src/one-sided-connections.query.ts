import { setTimeout as sleep } from 'node:timers/promises';
import {
  decodeEvent,
  isAfter,
  UnknownEventError,
  type LogPosition,
  type RawEvent,
} from '#libs/event-store/read-only';
import type { InvitationEvent } from '#libs/invitation';
import type { Queryable } from '#libs/platform';
import { readLiveGeneration, readSlices } from '#libs/projection/read-only';

/** A connection that is recorded in the inviter's stream but not in the recipient's. */
export interface OneSidedConnection {
  readonly inviterId: string;
  /** The member who accepted and whose stream has no connection. */
  readonly recipientId: string;
  readonly invitationId: string;
}

export interface OneSidedConnections {
  readonly oneSided: readonly OneSidedConnection[];
  /** Pairs that cannot be checked: one of the streams has an event that this version cannot read. */
  readonly unclear: number;
}

/** Reads an account's whole stream; returns undefined if the stream is tombstoned. */
export type ReadAccount = (accountId: string) => Promise<readonly RawEvent[] | undefined>;

/** The process manager that issues the command for the recipient's side. */
const PROCESS = 'record-connections';

/** Time that a command may need from the process manager to the recipient's stream, in milliseconds. */
const IN_FLIGHT_MS = 3_000;

interface Pair {
  readonly inviterId: string;
  readonly recipientId: string;
}

/**
 * Finds accepted invitations whose connection command was lost (D8). The read model has one side only, the process manager
 * has handled the acceptance, and the recipient's stream, which decides, has no connection. Suspects are checked a second
 * time after a pause, which excludes those whose command or projection is only late.
 */
export async function findOneSidedConnections(
  db: Queryable,
  readAccount: ReadAccount,
  inFlightMs = IN_FLIGHT_MS,
): Promise<OneSidedConnections> {
  const isHandled = await findHandledEvents(db);
  if (isHandled === undefined) return { oneSided: [], unclear: 0 };
  const suspects: OneSidedConnection[] = [];
  let unclear = 0;
  for (const pair of await findPairsWithOneRow(db)) {
    const found = await checkPair(pair, readAccount, isHandled);
    if (found === 'unclear') unclear += 1;
    else if (found !== undefined) suspects.push(found);
  }
  if (suspects.length === 0) return { oneSided: [], unclear };
  await sleep(inFlightMs);
  const oneSided: OneSidedConnection[] = [];
  for (const one of suspects) if (await lacksConnection(one, readAccount)) oneSided.push(one);
  return { oneSided, unclear };
}

/** Returns whether the recipient's stream still has no connection with the inviter. */
export async function lacksConnection(pair: Pair, readAccount: ReadAccount): Promise<boolean> {
  return (await otherSide(pair, readAccount)) === 'missing';
}

async function findPairsWithOneRow(db: Queryable): Promise<readonly Pair[]> {
  const { rows } = await db.query<Pair>(
    `SELECT one.member_id AS "inviterId", one.other_id AS "recipientId"
     FROM read_models.connections AS one
     LEFT JOIN read_models.connections AS other ON other.pair = one.other_id || ' ' || one.member_id
     WHERE other.pair IS NULL ORDER BY one.pair`,
  );
  return rows;
}

/**
 * Returns a check whether the process manager has handled an event: the event is at or before the checkpoint of its slice,
 * and is not parked. Returns undefined if the process manager has never run.
 */
async function findHandledEvents(db: Queryable): Promise<((event: RawEvent) => boolean) | undefined> {
  const { rowCount } = await db.query('SELECT FROM read_models.projections WHERE name = $1', [PROCESS]);
  if (rowCount === 0) return undefined;
  const generation = await readLiveGeneration(db, PROCESS);
  const checkpoints = new Map<number, LogPosition | undefined>(
    (await readSlices(db, PROCESS, generation)).map(({ slice, position }) => [slice, position]),
  );
  const { rows } = await db.query<{ accountId: string; commit: string }>(
    `SELECT account_id AS "accountId", min(commit_position)::text AS commit FROM read_models.parked_events
     WHERE projection = $1 AND generation = $2 GROUP BY account_id`,
    [PROCESS, generation],
  );
  const parked = new Map(rows.map(({ accountId, commit }) => [accountId, BigInt(commit)]));
  return ({ slice, accountId, position }) => {
    const checkpoint = checkpoints.get(slice);
    if (checkpoint === undefined || isAfter(position, checkpoint)) return false;
    const waiting = parked.get(accountId);
    return waiting === undefined || position.commit < waiting;
  };
}

async function checkPair(
  pair: Pair,
  readAccount: ReadAccount,
  isHandled: (event: RawEvent) => boolean,
): Promise<OneSidedConnection | 'unclear' | undefined> {
  const other = await otherSide(pair, readAccount);
  if (other === 'recorded') return undefined;
  const own = await readableEvents(pair.inviterId, readAccount);
  const acceptance = own?.events.find(
    ({ event }) => event.type === 'InvitationAccepted' && event.recipientId === pair.recipientId,
  );
  if (acceptance === undefined) return own?.isComplete === false ? 'unclear' : undefined;
  const { raw, event } = acceptance;
  if (!isHandled(raw) || event.type !== 'InvitationAccepted') return undefined;
  if (other === 'unclear') return 'unclear';
  return { ...pair, invitationId: event.invitationId };
}

/** Checks the recipient's stream. A tombstoned stream counts as recorded, because no command can change it. */
async function otherSide(
  { inviterId, recipientId }: Pair,
  readAccount: ReadAccount,
): Promise<'recorded' | 'missing' | 'unclear'> {
  const account = await readableEvents(recipientId, readAccount);
  if (account === undefined || account.events.some(({ event }) => connects(event, inviterId)))
    return 'recorded';
  return account.isComplete ? 'missing' : 'unclear';
}

/** A member's own stream shows a connection as `ConnectionRecorded`, or as `InvitationAccepted` if they were the inviter; an ended one as `ConnectionEnded`. */
function connects(event: InvitationEvent, memberId: string): boolean {
  return (
    ((event.type === 'ConnectionRecorded' || event.type === 'ConnectionEnded') &&
      event.memberId === memberId) ||
    (event.type === 'InvitationAccepted' && event.recipientId === memberId)
  );
}

interface ReadableEvents {
  readonly events: readonly { readonly raw: RawEvent; readonly event: InvitationEvent }[];
  /** Whether this version can read all events. */
  readonly isComplete: boolean;
}

async function readableEvents(
  accountId: string,
  readAccount: ReadAccount,
): Promise<ReadableEvents | undefined> {
  const all = await readAccount(accountId);
  if (all === undefined) return undefined;
  const events: { raw: RawEvent; event: InvitationEvent }[] = [];
  for (const raw of all) {
    try {
      events.push({ raw, event: decodeEvent(raw).event });
    } catch (error) {
      if (!(error instanceof UnknownEventError)) throw error;
    }
  }
  return { events, isComplete: events.length === all.length };
}
