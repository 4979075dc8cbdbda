import { ErrorCode } from '../protocol/error-codes.js';
import { type BatchHeader, sequenceAfter } from '../protocol/record-batch.js';

/** The number of batches that an idempotent producer may have in flight on one connection. */
const REMEMBERED_BATCHES = 5;
/** The producers that were idle longest are forgotten first. Kafka forgets producers after one day instead. */
const REMEMBERED_PRODUCERS = 1_000;

interface Producer {
  epoch: number;
  batches: Pick<BatchHeader, 'firstSequence' | 'lastSequence' | 'baseOffset'>[];
}

export type SequenceCheck =
  { kind: 'append' } | { kind: 'duplicate'; baseOffset: number } | { kind: 'rejected'; error: ErrorCode };

/** The idempotent producers of one partition, rebuilt at the start from the headers of the batches in the log. */
export class ProducerStates {
  private readonly producers = new Map<number, Producer>();

  /** A batch must follow the producer's last one in sequence, or repeat one that is remembered. */
  checkSequence(batch: BatchHeader): SequenceCheck {
    if (batch.producerId < 0) return { kind: 'append' };
    const producer = this.producers.get(batch.producerId);
    // A producer is unknown after retention has deleted its batches. It may continue at any sequence.
    if (!producer) return { kind: 'append' };
    if (batch.producerEpoch < producer.epoch) {
      return { kind: 'rejected', error: ErrorCode.INVALID_PRODUCER_EPOCH };
    }
    if (batch.producerEpoch > producer.epoch) return acceptIf(batch.firstSequence === 0);
    const duplicate = producer.batches.find(
      (known) => known.firstSequence === batch.firstSequence && known.lastSequence === batch.lastSequence,
    );
    if (duplicate) return { kind: 'duplicate', baseOffset: duplicate.baseOffset };
    const last = producer.batches.at(-1)!;
    return acceptIf(batch.firstSequence === sequenceAfter(last.lastSequence, 1));
  }

  /** To be called for each batch in the log. */
  record({ producerId, producerEpoch, firstSequence, lastSequence, baseOffset }: BatchHeader): void {
    if (producerId < 0) return;
    let producer = this.producers.get(producerId);
    if (producer?.epoch !== producerEpoch) producer = { epoch: producerEpoch, batches: [] };
    producer.batches.push({ firstSequence, lastSequence, baseOffset });
    if (producer.batches.length > REMEMBERED_BATCHES) producer.batches.shift();
    this.producers.delete(producerId);
    this.producers.set(producerId, producer);
    if (this.producers.size > REMEMBERED_PRODUCERS) {
      this.producers.delete(this.producers.keys().next().value!);
    }
  }
}

function acceptIf(isInSequence: boolean): SequenceCheck {
  return isInSequence ? { kind: 'append' } : { kind: 'rejected', error: ErrorCode.OUT_OF_ORDER_SEQUENCE };
}
