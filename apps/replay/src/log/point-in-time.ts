import { InvalidArgumentError, UsageError } from '#libs/cli';
import type { LogPosition } from '#libs/event-store/read-only';

/** Selects everything that had happened by an instant, or everything that the log held up to a position. */
export type PointInTime = { readonly until: string } | { readonly to: LogPosition };

/** A date, or a date and a time with its offset from UTC. A time without an offset is ambiguous and not accepted. */
const INSTANT = /^[1-9]\d{3}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;
const POSITION = /^\d{1,19}$/;

/**
 * @returns the instant in the form that events have: ISO 8601 in UTC with milliseconds
 * @throws InvalidArgumentError
 */
export function parseInstant(text: string): string {
  const ms = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms)) return new Date(ms).toISOString();
  throw new InvalidArgumentError(
    'An instant is 2026-03-01T09:00:00Z, or a date, which begins at midnight UTC.',
  );
}

/**
 * Parses a commit position, which is how every output shows a position in the log.
 * @throws InvalidArgumentError
 */
export function parsePosition(text: string): LogPosition {
  if (POSITION.test(text)) return toPosition(text);
  throw new InvalidArgumentError('A position is a whole number, as the command events prints it.');
}

/** @throws UsageError */
export function parsePointInTime(text: string): PointInTime {
  if (POSITION.test(text)) return { to: toPosition(text) };
  try {
    return { until: parseInstant(text) };
  } catch {
    throw new UsageError(
      `${text} is not a valid point in time: expected an instant such as 2026-03-01T09:00:00Z, or a position`,
    );
  }
}

/** Converts a commit position. The prepare position of this service's events is always the same number. */
export const toPosition = (text: string): LogPosition => ({ commit: BigInt(text), prepare: BigInt(text) });
