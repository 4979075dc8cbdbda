import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import { hideAborted, type AbortedTransaction } from './aborted-transactions.js';
import { FetchedRecord, RecordHeaders } from './record.js';

const require = createRequire(import.meta.url);
const Batch = require('kafkajs/src/consumer/batch') as new (
  topic: string,
  fetchedOffset: string,
  data: object,
) => { readonly messages: readonly FetchedRecord[]; lastOffset(): string };

const ZEROS = Buffer.alloc(4);
const COMMIT = Buffer.from([0, 0, 0, 1]);

let next = 0;
const record = (value: string, producerId = '-1', key: Buffer | null = null, isControl = false) =>
  new FetchedRecord(String(next++), '0', key, Buffer.from(value), RecordHeaders.NONE, isControl, {
    producerId,
    inTransaction: producerId !== '-1',
  });
const abort = (producerId: string) => record('abort', producerId, ZEROS, true);
const commit = (producerId: string) => record('commit', producerId, COMMIT, true);

/** The values that a handler gets. */
function delivered(records: FetchedRecord[], abortedTransactions: readonly AbortedTransaction[]): string[] {
  const messages = hideAborted(records, abortedTransactions);
  expect(messages.map(({ offset }) => offset)).toEqual(records.map(({ offset }) => offset));
  const data = { partition: 0, highWatermark: String(next), messages, abortedTransactions };
  const batch = new Batch('t', '0', data);
  expect(batch.lastOffset()).toBe(records.at(-1)!.offset);
  return batch.messages.map(({ value }) => String(value));
}

describe('hideAborted', () => {
  it.each(['a key', '\0\0\0\0'])('hides what a producer has aborted, whatever its keys are: %j', (key) => {
    next = 0;
    const records = [
      record('before'),
      record('aborted', '7', Buffer.from(key)),
      record('of nobody', '-1', Buffer.from(key)),
      record('aborted too', '7', Buffer.from(key)),
      abort('7'),
      record('committed', '7', Buffer.from(key)),
      commit('7'),
      record('aborted later', '7'),
      abort('7'),
      record('after'),
    ];
    expect(
      delivered(records, [
        { producerId: '7', firstOffset: '7' },
        { producerId: '7', firstOffset: '1' },
      ]),
    ).toEqual(['before', 'of nobody', 'committed', 'after']);
  });

  it('keeps the records of other producers between them', () => {
    next = 0;
    const records = [
      record('aborted', '7'),
      record('committed', '8'),
      record('aborted too', '9'),
      commit('8'),
      abort('9'),
      record('aborted', '7', ZEROS),
      record('committed', '9', ZEROS),
      record('aborted', '7'),
      abort('7'),
    ];
    expect(
      delivered(records, [
        { producerId: '7', firstOffset: '0' },
        { producerId: '9', firstOffset: '2' },
      ]),
    ).toEqual(['committed', 'committed']);
  });
});
