import type { Api } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { NOT_THROTTLED, type Writer } from '../protocol/writer.js';

/** Tells which of `others`, and itself, are served in which versions. */
export function apiVersions(others: readonly Api[]) {
  const self = {
    key: 18,
    versions: [0, 2] as const,
    answer: ({ version }: { version: number }, reply: Writer) => list(reply, ErrorCode.NONE, version),
    list,
  };
  function list(reply: Writer, error: ErrorCode, version: number): void {
    reply.int16(error);
    reply.array([...others, self], ({ key, versions: [lowest, highest], claimsFrom = lowest }: Api) =>
      reply.int16(key).int16(claimsFrom).int16(highest),
    );
    if (version >= 1) reply.int32(NOT_THROTTLED);
  }
  return self;
}
