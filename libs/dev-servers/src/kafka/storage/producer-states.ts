import { type BatchHeader, sequenceAfter } from '../protocol/batch.js';
import { ErrorCode } from '../protocol/error-codes.js';

/** As many batches as an idempotent producer may have in flight on one connection. */
const REMEMBERED_BATCHES = 5;
/** A bound, where Kafka forgets by age (one day): the producers silent for longest go first. */
const REMEMBERED_PRODUCERS = 1_000;

interface Producer {
  epoch: number;
  batches: Pick<BatchHeader, 'firstSequence' | 'lastSequence' | 'baseOffset'>[];
}

export type Verdict =
  { kind: 'append' } | { kind: 'duplicate'; baseOffset: number } | { kind: 'refused'; error: ErrorCode };

/** The idempotent producers of one partition. All of it can be rebuilt from the headers of the batches in the log. */
export class ProducerStates {
  private readonly producers = new Map<number, Producer>();

  /** What becomes of a batch: its sequence must follow the producer's last, or repeat one that is remembered. */
  judge(batch: BatchHeader): Verdict {
    if (batch.producerId < 0) return { kind: 'append' };
    const producer = this.producers.get(batch.producerId);
    // A producer not known any more, because retention took its batches, may go on at any sequence.
    if (!producer) return { kind: 'append' };
    if (batch.producerEpoch < producer.epoch) {
      return { kind: 'refused', error: ErrorCode.INVALID_PRODUCER_EPOCH };
    }
    if (batch.producerEpoch > producer.epoch) return inSequence(batch.firstSequence === 0);
    const repeated = producer.batches.find(
      (known) => known.firstSequence === batch.firstSequence && known.lastSequence === batch.lastSequence,
    );
    if (repeated) return { kind: 'duplicate', baseOffset: repeated.baseOffset };
    const last = producer.batches.at(-1)!;
    return inSequence(batch.firstSequence === sequenceAfter(last.lastSequence, 1));
  }

  /** A batch stands in the log now. */
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

function inSequence(yes: boolean): Verdict {
  return yes ? { kind: 'append' } : { kind: 'refused', error: ErrorCode.OUT_OF_ORDER_SEQUENCE };
}
