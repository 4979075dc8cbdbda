import { UnknownEventError, type RawEvent } from '#libs/event-store';
import type { Queryable } from '#libs/platform';

/** The event itself cannot be handled, or the code for it is wrong: every further attempt fails the same way. */
export class EventHandlingError extends Error {
  constructor(cause: unknown) {
    super('an event cannot be handled', { cause });
  }
}

/**
 * Runs work that depends on nothing but the event. If it throws once, it always will.
 * @throws EventHandlingError
 */
export function asEventFailure<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof EventHandlingError ? error : new EventHandlingError(error);
  }
}

/** SQLSTATE classes for data that PostgreSQL rejects: invalid values (22), constraints (23), program limits (54). */
const DATA_ERROR = /^(22|23|54)[0-9A-Z]{3}$/;

/**
 * Tells a failure of the event from an outage. After a failure of the event its account is parked. After an outage
 * (connection, timeout, lock, fence) nothing is parked and the batch is tried again.
 */
export function isEventFailure(error: unknown): boolean {
  return error instanceof EventHandlingError || DATA_ERROR.test(sqlStateOf(error));
}

/** Describes a failure for operators, without the message of a foreign error: that may quote a member's text. */
export function describeFailure(error: unknown): string {
  const cause = error instanceof EventHandlingError ? error.cause : error;
  if (cause instanceof UnknownEventError) return cause.message;
  if (!(cause instanceof Error)) return typeof cause;
  const { constraint, column } = cause as { constraint?: unknown; column?: unknown };
  if (sqlStateOf(cause) !== '') {
    const names = [constraint, column].filter((name) => typeof name === 'string').join(' ');
    return `PostgreSQL ${sqlStateOf(cause)}${names === '' ? '' : ` (${names})`}`;
  }
  const location = /([\w.-]+\.[jt]sx?:\d+):\d+\)?$/m.exec(stackFramesOf(cause))?.[1];
  return location === undefined ? cause.constructor.name : `${cause.constructor.name} at ${location}`;
}

function sqlStateOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : '';
}

/** The stack trace without the message, which may have several lines. */
function stackFramesOf({ stack = '', message }: Error): string {
  const start = stack.indexOf(message);
  return start === -1 ? '' : stack.slice(start + message.length);
}

/** An account with an event that failed. */
export interface FailedAccount {
  readonly accountId: string;
  readonly slice: number;
  readonly error: string;
  /** The event that failed, and the account's later events of the batch, in order. */
  readonly events: readonly RawEvent[];
}

/**
 * Finds the events for which a batch failed: applies it account by account, and event by event where an account fails.
 * All other events are applied.
 * @param apply applies all of its events or none
 * @throws an error of `apply` that is not a failure of the event
 */
export async function isolateFailedEvents(
  events: readonly RawEvent[],
  apply: (events: readonly RawEvent[]) => Promise<void>,
): Promise<FailedAccount[]> {
  const failed: FailedAccount[] = [];
  for (const ofAccount of Map.groupBy(events, ({ accountId }) => accountId).values()) {
    if ((await tryToApply(apply, ofAccount)) === undefined) continue;
    for (const [index, event] of ofAccount.entries()) {
      const error = await tryToApply(apply, [event]);
      if (error === undefined) continue;
      failed.push({ accountId: event.accountId, slice: event.slice, error, events: ofAccount.slice(index) });
      break;
    }
  }
  return failed;
}

/** @returns a description of the failure; undefined if the events were applied */
async function tryToApply(
  apply: (events: readonly RawEvent[]) => Promise<void>,
  events: readonly RawEvent[],
): Promise<string | undefined> {
  try {
    await apply(events);
    return undefined;
  } catch (error) {
    if (!isEventFailure(error)) throw error;
    return describeFailure(error);
  }
}

/** Runs a part of a transaction. If the part throws, its statements are undone and the transaction stays usable. */
export async function withSavepoint(tx: Queryable, work: () => Promise<void>): Promise<void> {
  await tx.query('SAVEPOINT part');
  try {
    await work();
  } catch (error) {
    // On a lost connection the rollback fails as well; the first error is the one to report.
    await tx.query('ROLLBACK TO SAVEPOINT part').catch(() => undefined);
    throw error;
  }
  await tx.query('RELEASE SAVEPOINT part');
}
