import { InvalidArgumentError } from 'commander';
import type { Position } from '#libs/projection/reading';

/** A calendar date, or one with a time of day and where that is told: what a person's own clock says is not taken. */
const INSTANT = /^[1-9]\d{3}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;

/**
 * An instant as events have it: ISO 8601 in UTC with milliseconds.
 * @throws InvalidArgumentError
 */
export function instantOf(text: string): string {
  const ms = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms)) return new Date(ms).toISOString();
  throw new InvalidArgumentError(
    'An instant is 2026-03-01T09:00:00Z, or a date, which begins at midnight UTC.',
  );
}

/**
 * A place in the log by its commit position, as every output tells it. Appends of this service have it as their prepare
 * position, too.
 * @throws InvalidArgumentError
 */
export function positionOf(text: string): Position {
  if (!/^\d{1,19}$/.test(text))
    throw new InvalidArgumentError('A position is a whole number, as events tell it.');
  return { commit: BigInt(text), prepare: BigInt(text) };
}
