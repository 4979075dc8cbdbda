import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { inChunks } from './in-chunks.js';

const objects = () => new Readable({ objectMode: true, read: () => undefined });

async function all(stream: Readable): Promise<{ items: unknown[]; error?: string }> {
  const items: unknown[] = [];
  try {
    for await (const chunk of inChunks(stream)) {
      expect(chunk).not.toHaveLength(0);
      items.push(...chunk);
    }
    return { items };
  } catch (error) {
    return { items, error: (error as Error).message };
  }
}

describe('chunks of a stream', () => {
  it('hold all that is there', async () => {
    const stream = objects();
    for (const item of [1, 2, 3]) stream.push(item);
    const chunks = inChunks<number>(stream);
    expect((await chunks.next()).value).toEqual([1, 2, 3]);
    const next = chunks.next();
    stream.push(4);
    expect((await next).value).toEqual([4]);
    stream.push(null);
    expect((await chunks.next()).done).toBe(true);
  });

  it('miss nothing that comes while the reader is at work', async () => {
    const stream = objects();
    let given = 0;
    const timer = setInterval(() => stream.push(given < 50 ? (given += 1) : null), 1);
    const items: number[] = [];
    for await (const chunk of inChunks<number>(stream)) {
      items.push(...chunk);
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    clearInterval(timer);
    expect(items).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
  });

  it('hold the source back while the reader is at work', async () => {
    const stream = Readable.from(Array.from({ length: 5_000 }, (_, n) => n));
    const sizes: number[] = [];
    for await (const chunk of inChunks<number>(stream)) {
      sizes.push(chunk.length);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(5_000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_024);
  });

  it('give what came before a failure, which may come without the end of the stream', async () => {
    const stream = objects();
    const read = all(stream);
    stream.push(1);
    await new Promise((resolve) => setImmediate(resolve));
    stream.emit('error', new Error('the connection broke'));
    expect(await read).toEqual({ items: [1], error: 'the connection broke' });
  });

  it('end with a stream that has failed before', async () => {
    const stream = objects();
    stream.on('error', () => undefined);
    stream.destroy(new Error('too late'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(await all(stream)).toEqual({ items: [], error: 'too late' });
  });

  it('close the stream when the reader has had enough', async () => {
    const stream = objects();
    stream.push(1);
    for await (const chunk of inChunks(stream)) {
      expect(chunk).toEqual([1]);
      break;
    }
    expect(stream.destroyed).toBe(true);
  });
});
