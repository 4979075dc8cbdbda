import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Partitioners, type Message } from 'kafkajs';
import { KeyPartitioner } from './producer.js';

const partitionMetadata = Array.from({ length: 8 }, (_, partitionId) => ({ partitionId, leader: 1 }));

const place = (partitioner: typeof KeyPartitioner, message: Partial<Message>) =>
  partitioner()({ topic: 't', partitionMetadata, message: { value: null, ...message } } as never);

describe('KeyPartitioner', () => {
  it("chooses the same partition as Kafka's own clients", () => {
    const keys = Array.from({ length: 2_000 }, (_, n) => randomBytes(n % 70));
    for (const key of [...keys, Buffer.alloc(0), 'amal', 'مرحبا', '']) {
      expect([key, place(KeyPartitioner, { key })]).toEqual([
        key,
        place(Partitioners.DefaultPartitioner, { key }),
      ]);
    }
  });

  it('uses the partition that a message names', () => {
    expect(place(KeyPartitioner, { key: 'amal', partition: 5 })).toBe(5);
  });

  it('spreads messages without a key over the partitions', () => {
    const partitioner = KeyPartitioner();
    const message = { value: null };
    const places = partitionMetadata.map(() =>
      partitioner({ topic: 't', partitionMetadata, message } as never),
    );
    expect(new Set(places).size).toBe(partitionMetadata.length);
  });
});
