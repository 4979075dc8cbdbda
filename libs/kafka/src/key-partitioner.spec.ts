import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Partitioners, type Message } from 'kafkajs';
import { KeyPartitioner } from './key-partitioner.js';

const partitionMetadata = Array.from({ length: 8 }, (_, partitionId) => ({ partitionId, leader: 1 }));

const place = (partitioner: typeof KeyPartitioner, message: Partial<Message>) =>
  partitioner()({ topic: 't', partitionMetadata, message: { value: null, ...message } } as never);

describe('the partition of a key', () => {
  it('is where every other client of Kafka puts it', () => {
    const keys = Array.from({ length: 2_000 }, (_, n) => randomBytes(n % 70));
    for (const key of [...keys, Buffer.alloc(0), 'amal', 'مرحبا', '']) {
      expect([key, place(KeyPartitioner, { key })]).toEqual([
        key,
        place(Partitioners.DefaultPartitioner, { key }),
      ]);
    }
  });

  it('is the one that a message names', () => {
    expect(place(KeyPartitioner, { key: 'amal', partition: 5 })).toBe(5);
  });

  it('is another one each time where there is no key', () => {
    const partitioner = KeyPartitioner();
    const message = { value: null };
    const places = partitionMetadata.map(() =>
      partitioner({ topic: 't', partitionMetadata, message } as never),
    );
    expect(new Set(places).size).toBe(partitionMetadata.length);
  });
});
