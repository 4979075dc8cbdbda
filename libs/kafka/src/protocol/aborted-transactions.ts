import { FetchedRecord, RecordHeaders } from './record.js';

export interface AbortedTransaction {
  readonly producerId: string;
  readonly firstOffset: string;
}

/** The key of a control record that ends an aborted transaction: version 0, type 0. */
const ABORT = Buffer.from([0, 0, 0, 0]);

/**
 * Hides the records of aborted transactions: none of them was ever published. kafkajs hides them too, but takes any record whose
 * key is four zero bytes for the end of the transaction, and passes on the records behind it.
 * @param aborted the transactions that the broker has named for these records
 */
export function hideAborted(
  records: FetchedRecord[],
  aborted: readonly AbortedTransaction[],
): FetchedRecord[] {
  if (aborted.length === 0) return records;
  const upcoming = aborted
    .map(({ producerId, firstOffset }) => ({ producerId, first: BigInt(firstOffset) }))
    .toSorted((a, b) => (a.first < b.first ? -1 : 1));
  const open = new Set<string>();
  return records.map((record) => {
    const { offset, key, isControlRecord, batchContext } = record;
    while (upcoming.length > 0 && upcoming[0]!.first <= BigInt(offset))
      open.add(upcoming.shift()!.producerId);
    if (!isControlRecord && batchContext.inTransaction && open.has(batchContext.producerId))
      return hide(record);
    if (isControlRecord && key?.equals(ABORT) === true) open.delete(batchContext.producerId);
    return record;
  });
}

/** The offset stays, so that a consumer continues behind it. */
const hide = ({ offset, timestamp, batchContext }: FetchedRecord) =>
  new FetchedRecord(offset, timestamp, null, null, RecordHeaders.NONE, true, batchContext);
