import { STATUS_CODES } from 'node:http';
import { REFUSAL_CODES, type OutcomeCode } from '#libs/contracts';

const REQUEST_PROBLEMS = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'METHOD_NOT_ALLOWED',
  'RATE_LIMITED',
  'UNAVAILABLE',
  'INTERNAL',
] as const;

/** Beside the refusals of the domain: why a request did not get as far as a decision. */
export type ProblemCode = OutcomeCode | (typeof REQUEST_PROBLEMS)[number];

export const PROBLEM_CODES: readonly ProblemCode[] = [...REFUSAL_CODES, ...REQUEST_PROBLEMS];

/**
 * An answer of RFC 9457. Its body is made of status and code, so that two causes of one code cannot be told apart
 * (D1, D4); only what is wrong with the request itself has a detail.
 */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: ProblemCode,
    readonly headers: Readonly<Record<string, string>> = {},
    readonly detail?: string,
    /** For the log only. */
    cause?: unknown,
  ) {
    super(`${status} ${code}`, { cause });
  }

  get body(): Record<string, unknown> {
    const { status, code, detail } = this;
    const title = STATUS_CODES[status] ?? 'Error';
    return { type: 'about:blank', title, status, code, ...(detail === undefined ? {} : { detail }) };
  }
}

/** Named by field, never by value: those may be personal. */
export const invalid = (detail?: string): Problem => new Problem(400, 'INVALID_COMMAND', {}, detail);

/** What does not exist, and what exists for others only. */
export const notFound = (): Problem => new Problem(404, 'NOT_FOUND');

/** @param waitMs how long until there would be another answer */
export const tooMany = (waitMs: number): Problem =>
  new Problem(429, 'RATE_LIMITED', { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1_000))) });

/** A part that this app needs does not answer; the same request may succeed later. */
export const unavailable = (cause: unknown): Problem =>
  new Problem(503, 'UNAVAILABLE', { 'retry-after': '5' }, undefined, cause);
