import { STATUS_CODES } from 'node:http';
import {
  ApiProperty,
  ApiPropertyOptional,
  ApiExtraModels,
  ApiResponse,
  getSchemaPath,
} from '@nestjs/swagger';
import { applyDecorators } from '@nestjs/common';
import { REFUSAL_CODES, type OutcomeCode } from '#libs/contracts';

const REQUEST_PROBLEMS = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'METHOD_NOT_ALLOWED',
  'RATE_LIMITED',
  'UNAVAILABLE',
  'INTERNAL',
] as const;

/** Codes of responses to requests that were not decided by the domain, beside its refusal codes. */
export type ProblemCode = OutcomeCode | (typeof REQUEST_PROBLEMS)[number];

export const PROBLEM_CODES: readonly ProblemCode[] = [...REFUSAL_CODES, ...REQUEST_PROBLEMS];

/**
 * A response of RFC 9457. Its body consists of status and code, so that two causes with the same code look the same
 * (D1, D4); only an invalid request has a detail.
 */
export class ProblemError extends Error {
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

/** The detail names fields and never values, which may be personal. */
export const badRequest = (detail?: string): ProblemError =>
  new ProblemError(400, 'INVALID_COMMAND', {}, detail);

/** For what does not exist, and for what exists for others only. */
export const notFound = (): ProblemError => new ProblemError(404, 'NOT_FOUND');

/** @param waitMs milliseconds until another try can succeed */
export const tooManyRequests = (waitMs: number): ProblemError =>
  new ProblemError(429, 'RATE_LIMITED', { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1_000))) });

/** A dependency does not respond; the same request may succeed later. */
export const serviceUnavailable = (cause: unknown): ProblemError =>
  new ProblemError(503, 'UNAVAILABLE', { 'retry-after': '5' }, undefined, cause);

/** The schema of a problem in the OpenAPI document (RFC 9457). */
export class ProblemResponse {
  @ApiProperty({ enum: ['about:blank'] })
  type: string;

  @ApiProperty({ description: 'The phrase of the status.' })
  title: string;

  @ApiProperty({ minimum: 400, maximum: 599 })
  status: number;

  @ApiProperty({
    enum: PROBLEM_CODES,
    enumName: 'ProblemCode',
    description: 'Stable, so that clients may switch on it.',
  })
  code: ProblemCode;

  @ApiPropertyOptional({ description: 'What is wrong with the request, by the names of its fields.' })
  detail?: string;
}

/** Documents a status of an operation that comes with a problem, and the possible codes. */
export const ApiProblem = (status: number, ...codes: ProblemCode[]): MethodDecorator & ClassDecorator =>
  applyDecorators(
    ApiExtraModels(ProblemResponse),
    ApiResponse({
      status,
      description: codes.map((code) => `\`${code}\``).join(', '),
      content: { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemResponse) } } },
    }),
  );
