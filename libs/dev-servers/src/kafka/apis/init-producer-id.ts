import type { Api } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { NOT_THROTTLED } from '../protocol/writer.js';
import type { ProducerIds } from '../storage/producer-ids.js';

const FIRST_EPOCH = 0;

/** An identity for an idempotent producer. A transactional one is refused with the error that no client retries. */
export function initProducerId(producerIds: ProducerIds): Api {
  return {
    key: 22,
    versions: [0, 1],
    answer({ body }, reply) {
      const isTransactional = body.nullableString() !== null;
      body.int32(); // how long a transaction may take
      reply.int32(NOT_THROTTLED);
      if (isTransactional) reply.int16(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED).int64(-1).int16(-1);
      else reply.int16(ErrorCode.NONE).int64(producerIds.take()).int16(FIRST_EPOCH);
    },
  };
}
