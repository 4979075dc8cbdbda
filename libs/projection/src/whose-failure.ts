import { UnknownEvent } from '#libs/event-store';

/** What an event led to when its turn came: the event's own failure, or that of the code for it. */
export class EventFailed extends Error {
  constructor(cause: unknown) {
    super('an event cannot be handled', { cause });
  }
}

/** Runs what depends on the event and on nothing else: if it throws, it always will. */
export function ofTheEvent<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof EventFailed ? error : new EventFailed(error);
  }
}

/** Data that PostgreSQL does not take: wrong values (22), broken constraints (23), rows beyond its limits (54). */
const OF_THE_DATA = /^(22|23|54)[0-9A-Z]{3}$/;

/**
 * Whether a failure is the event's: it would fail the same way tomorrow, so its account is parked. Anything else is an
 * outage: a connection, a timeout, a lock, a fence. Nothing is parked then; it is tried again.
 */
export function isOfTheEvent(error: unknown): boolean {
  return error instanceof EventFailed || OF_THE_DATA.test(codeOf(error));
}

/** For a table that operators read: no message of a foreign error, which may quote what a member wrote. */
export function describeFailure(error: unknown): string {
  const cause = error instanceof EventFailed ? error.cause : error;
  if (cause instanceof UnknownEvent) return cause.message;
  if (!(cause instanceof Error)) return typeof cause;
  const { constraint, column } = cause as { constraint?: unknown; column?: unknown };
  if (codeOf(cause) !== '') {
    const named = [constraint, column].filter((name) => typeof name === 'string').join(' ');
    return `PostgreSQL ${codeOf(cause)}${named === '' ? '' : ` (${named})`}`;
  }
  const place = /([\w.-]+\.[jt]sx?:\d+):\d+\)?$/m.exec(framesOf(cause))?.[1];
  return place === undefined ? cause.constructor.name : `${cause.constructor.name} at ${place}`;
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : '';
}

/** The stack without what stands above it: the message, of any number of lines. */
function framesOf({ stack = '', message }: Error): string {
  const above = stack.indexOf(message);
  return above === -1 ? '' : stack.slice(above + message.length);
}
