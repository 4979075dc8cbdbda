import { once } from 'node:events';
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { readBusily } from '../../../../test/support/busy-consumer.js';
import { readInBatches } from './read-call.js';

const objects = () => new Readable({ objectMode: true, read: () => undefined });

async function all(stream: Readable): Promise<{ items: unknown[]; error?: string }> {
  const items: unknown[] = [];
  try {
    for await (const batch of readInBatches(stream)) {
      expect(batch).not.toHaveLength(0);
      items.push(...batch);
    }
    return { items };
  } catch (error) {
    return { items, error: (error as Error).message };
  }
}

describe('readInBatches', () => {
  it('yields everything that is buffered as one batch', async () => {
    const stream = objects();
    for (const item of [1, 2, 3]) stream.push(item);
    const batches = readInBatches<number>(stream);
    expect((await batches.next()).value).toEqual([1, 2, 3]);
    const next = batches.next();
    stream.push(4);
    expect((await next).value).toEqual([4]);
    stream.push(null);
    expect((await batches.next()).done).toBe(true);
  });

  it('throws an error of the stream only when the consumer, busy until then, reads again', async () => {
    const { given, error } = await readBusily(
      (source) => readInBatches<number>(Readable.from(source)),
      [1, 2],
    );
    expect([given.flat(), error]).toEqual([[1, 2], 'the source failed']);
  });

  it('loses nothing that arrives while the consumer is busy', async () => {
    const stream = objects();
    let given = 0;
    const timer = setInterval(() => stream.push(given < 50 ? (given += 1) : null), 1);
    const items: number[] = [];
    for await (const batch of readInBatches<number>(stream)) {
      items.push(...batch);
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    clearInterval(timer);
    expect(items).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
  });

  it('applies back-pressure to the source while the consumer is busy', async () => {
    const stream = Readable.from(Array.from({ length: 5_000 }, (_, n) => n));
    const sizes: number[] = [];
    for await (const batch of readInBatches<number>(stream)) {
      sizes.push(batch.length);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(5_000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_024);
  });

  it('yields the items before an error, even if the stream does not end', async () => {
    const stream = objects();
    const read = all(stream);
    stream.push(1);
    await new Promise((resolve) => setImmediate(resolve));
    stream.emit('error', new Error('the connection broke'));
    expect(await read).toEqual({ items: [1], error: 'the connection broke' });
  });

  it('throws the error of a stream that has failed already', async () => {
    const stream = objects();
    stream.on('error', () => undefined);
    stream.destroy(new Error('too late'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(await all(stream)).toEqual({ items: [], error: 'too late' });
  });

  it('takes the rest of the stream when the consumer stops, so that the stream ends', async () => {
    const stream = Readable.from(Array.from({ length: 5_000 }, (_, n) => n));
    for await (const batch of readInBatches(stream)) {
      expect(batch[0]).toBe(0);
      break;
    }
    await once(stream, 'end');
  });
});
