import { InvalidArgumentError } from 'commander';
import type { Position } from '#libs/projection/reading';
import { WrongUsage } from './exit.js';

/** All that had happened at an instant, or all that the log held at a position. */
export type Moment = { readonly until: string } | { readonly to: Position };

/** A calendar date, or one with a time of day and where that is told: what a person's own clock says is not taken. */
const INSTANT = /^[1-9]\d{3}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;
const POSITION = /^\d{1,19}$/;

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
 * A place in the log by its commit position, as every output tells it.
 * @throws InvalidArgumentError
 */
export function positionOf(text: string): Position {
  if (POSITION.test(text)) return placeAt(text);
  throw new InvalidArgumentError('A position is a whole number, as events tell it.');
}

/** @throws WrongUsage */
export function momentOf(text: string): Moment {
  if (POSITION.test(text)) return { to: placeAt(text) };
  try {
    return { until: instantOf(text) };
  } catch {
    throw new WrongUsage(
      `${text} is no moment: neither an instant such as 2026-03-01T09:00:00Z nor a position`,
    );
  }
}

/** Of a text that a position was written as: events of this service have one place as both of the two. */
export const placeAt = (text: string): Position => ({ commit: BigInt(text), prepare: BigInt(text) });
